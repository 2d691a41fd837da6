-- The moment of the change, not of its transaction's start, and never back: the status says when it last changed.
-- $1 json array of {campaign_id, slot, <counter>: delta}. In key order, so that two writers never deadlock.
insert into campaign_count as c
    (campaign_id, slot, pending, queued, processing, completed, failed, results, leads, with_domains, filtered, businesses, sites_queued, sites_completed, sites_failed, verifies_queued, verifies_completed, verifies_failed, emails_found, emails_verified, emails_valid, at)
select campaign_id, slot,
    coalesce(pending, 0),
    coalesce(queued, 0),
    coalesce(processing, 0),
    coalesce(completed, 0),
    coalesce(failed, 0),
    coalesce(results, 0),
    coalesce(leads, 0),
    coalesce(with_domains, 0),
    coalesce(filtered, 0),
    coalesce(businesses, 0),
    coalesce(sites_queued, 0),
    coalesce(sites_completed, 0),
    coalesce(sites_failed, 0),
    coalesce(verifies_queued, 0),
    coalesce(verifies_completed, 0),
    coalesce(verifies_failed, 0),
    coalesce(emails_found, 0),
    coalesce(emails_verified, 0),
    coalesce(emails_valid, 0),
    clock_timestamp()
from jsonb_populate_recordset(null::campaign_count, $1)
order by campaign_id, slot
on conflict (campaign_id, slot) do update set
    pending = c.pending + excluded.pending,
    queued = c.queued + excluded.queued,
    processing = c.processing + excluded.processing,
    completed = c.completed + excluded.completed,
    failed = c.failed + excluded.failed,
    results = c.results + excluded.results,
    leads = c.leads + excluded.leads,
    with_domains = c.with_domains + excluded.with_domains,
    filtered = c.filtered + excluded.filtered,
    businesses = c.businesses + excluded.businesses,
    sites_queued = c.sites_queued + excluded.sites_queued,
    sites_completed = c.sites_completed + excluded.sites_completed,
    sites_failed = c.sites_failed + excluded.sites_failed,
    verifies_queued = c.verifies_queued + excluded.verifies_queued,
    verifies_completed = c.verifies_completed + excluded.verifies_completed,
    verifies_failed = c.verifies_failed + excluded.verifies_failed,
    emails_found = c.emails_found + excluded.emails_found,
    emails_verified = c.emails_verified + excluded.emails_verified,
    emails_valid = c.emails_valid + excluded.emails_valid,
    at = greatest(c.at, excluded.at)
