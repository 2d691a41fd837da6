-- $1 campaign, $2 positions of locations.
select location_id, count(*) as businesses from leads where campaign_id = $1 and ord = any ($2) group by location_id
