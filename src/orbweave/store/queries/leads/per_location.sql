select location_id, count(*) as businesses from leads where campaign_id = $1 and location_id = any ($2) group by location_id
