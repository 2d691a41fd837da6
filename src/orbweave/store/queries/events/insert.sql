insert into events (client_id, campaign_id, job_id, type, data)
select client_id, campaign_id, job_id, type, coalesce(data, '{}')
from jsonb_to_recordset($1) as r (client_id text, campaign_id text, job_id uuid, type text, data jsonb)
