-- A maps job's result; a campaign's businesses live once, as its leads.
select r.data || case when j.campaign_id is null then '{}'::jsonb else jsonb_build_object('businesses', coalesce((
    select jsonb_agg(l.place order by s.ord) from sightings s join leads l on l.id = s.lead where s.job = j.id), '[]'::jsonb)) end as data
from jobs j join results r on r.job = j.id where j.id = $1
