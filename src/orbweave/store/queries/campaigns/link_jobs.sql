update campaign_locations l set job = d.job
from unnest($2::bigint[], $3::bigint[]) as d (location_id, job)
where l.campaign_id = $1 and l.location_id = d.location_id
