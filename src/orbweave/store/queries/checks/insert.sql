-- $1 json array {job, campaign_id, ord, address, domain}
insert into checks (job, campaign_id, ord, address, domain, priority)
select r.job, r.campaign_id, r.ord, r.address, r.domain, j.priority
from jsonb_to_recordset($1) as r (job bigint, campaign_id text, ord int, address text, domain text)
join jobs j on j.id = r.job
order by r.job, r.ord
