-- $1 json array of leads; those new to their campaign are returned. In key order: two writers never deadlock.
insert into leads (campaign_id, business_key, ord, location_id, place, domain, filter_reason, site_hash)
select campaign_id, business_key, ord, location_id, place, domain, filter_reason, decode(md5(payload::text), 'hex')
from jsonb_to_recordset($1) as r (
    campaign_id text, business_key text, ord int, location_id bigint, place jsonb, domain text, filter_reason text,
    payload jsonb)
order by campaign_id, business_key
on conflict (campaign_id, business_key) do nothing
returning campaign_id, business_key
