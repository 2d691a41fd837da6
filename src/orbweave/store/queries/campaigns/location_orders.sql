select l.campaign_id, l.location_id, l.ord from campaign_locations l
join unnest($1::text[], $2::bigint[]) as d (campaign_id, location_id) using (campaign_id, location_id)
