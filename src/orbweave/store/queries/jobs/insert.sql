-- $1 json array of job rows. ``state`` is always queued.
insert into jobs (id, client_id, type, campaign_id, location_id, lead, key, payload, payload_hash, priority, admitted)
select id, client_id, type, campaign_id, location_id, lead, coalesce(key, ''), payload,
       decode(md5(payload::text), 'hex'), coalesce(priority, 0), admitted
from jsonb_to_recordset($1) as r (
    id bigint, client_id text, type text, campaign_id text, location_id bigint, lead bigint, key text,
    payload jsonb, priority smallint, admitted boolean)
returning id, job_id
