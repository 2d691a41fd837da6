-- $1 campaigns, $2 business keys, $3 jobs, $4 positions.
insert into sightings (job, ord, lead)
select s.job, s.ord, l.id
from unnest($1::text[], $2::text[], $3::bigint[], $4::int[]) as s (campaign_id, business_key, job, ord)
join leads l using (campaign_id, business_key)
