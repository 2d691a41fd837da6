-- $1 json array {job, campaign_id, ord, address, domain}
insert into checks (job, campaign_id, ord, address, domain)
select job, campaign_id, ord, address, domain
from jsonb_to_recordset($1) as r (job bigint, campaign_id text, ord int, address text, domain text)
order by job, ord
