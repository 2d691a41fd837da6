-- $1 locked jobs: those with nothing left to check, and their verdicts in order.
select j.id, j.job_id, j.client_id, j.campaign_id, j.location_id, j.payload,
       (select jsonb_agg(c.verdict order by c.ord) from checks c where c.job = j.id) as verdicts
from jobs j
where j.id = any ($1) and not exists (select 1 from checks c where c.job = j.id and c.state = 'waiting')
order by j.id
