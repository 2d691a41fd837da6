-- $1 json array of leads; those new to their campaign are returned. In key order: two writers never deadlock.
insert into leads (campaign_id, business_key, ord, location_id, place, domain, filter_reason, stage, site_state, site_job, verify_state)
select campaign_id, business_key, ord, location_id, place, domain, filter_reason, stage, site_state, site_job, 'skipped'
from jsonb_to_recordset($1) as r (
    campaign_id text, business_key text, ord int, location_id bigint, place jsonb, domain text, filter_reason text,
    stage text, site_state text, site_job bigint)
order by campaign_id, business_key
on conflict (campaign_id, business_key) do nothing
returning id, campaign_id, business_key, site_job
