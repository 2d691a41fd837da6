-- $1 json array of job rows. A crawl its campaign has already is not inserted again. In key order, against deadlocks.
insert into jobs (id, client_id, type, campaign_id, location_id, key, payload, payload_hash, priority, admitted)
select coalesce(id, nextval(pg_get_serial_sequence('jobs', 'id'))), client_id, type, campaign_id, location_id,
       coalesce(key, ''), payload, decode(md5(payload::text), 'hex'), coalesce(priority, 0), coalesce(admitted, true)
from jsonb_to_recordset($1) as r (
    id bigint, client_id text, type text, campaign_id text, location_id bigint, key text, payload jsonb,
    priority smallint, admitted boolean)
order by campaign_id, md5(payload::text)
on conflict (campaign_id, payload_hash) where type = 'site' and campaign_id is not null do nothing
returning id, job_id, campaign_id, key, priority, admitted
