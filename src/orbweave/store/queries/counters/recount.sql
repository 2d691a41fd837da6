-- The counters as the rows say. $1 campaign ids or null for all.
select c.campaign_id, loc.*, lead.*, site.*, verify.*, res.results, chk.emails_verified
from campaigns c
cross join lateral (
    select
        count(*) filter (where l.state = 'pending') as pending,
        count(*) filter (where l.state = 'submitted' and j.state = 'queued') as queued,
        count(*) filter (where l.state = 'submitted' and j.state = 'processing') as processing,
        count(*) filter (where l.state = 'completed') as completed,
        count(*) filter (where l.state = 'failed') as failed
    from campaign_locations l
    left join jobs j on j.id = l.job
    where l.campaign_id = c.campaign_id
) loc
cross join lateral (
    select
        count(*) as leads,
        count(*) filter (where domain is not null) as with_domains,
        count(*) filter (where filter_reason is not null) as filtered,
        count(*) filter (where site_hash is not null) as businesses
    from leads where campaign_id = c.campaign_id
) lead
cross join lateral (
    select
        count(*) filter (where state in ('queued', 'processing')) as sites_queued,
        count(*) filter (where state = 'completed') as sites_completed,
        count(*) filter (where state in ('failed', 'cancelled')) as sites_failed,
        coalesce(sum(emails), 0)::bigint as emails_found
    from jobs where campaign_id = c.campaign_id and type = 'site'
) site
cross join lateral (
    select
        count(*) filter (where state in ('queued', 'processing')) as verifies_queued,
        count(*) filter (where state = 'completed') as verifies_completed,
        count(*) filter (where state in ('failed', 'cancelled')) as verifies_failed,
        coalesce(sum(emails), 0)::bigint as emails_valid
    from jobs where campaign_id = c.campaign_id and type = 'verify'
) verify
cross join lateral (
    select count(*) as results
    from campaign_locations l join sightings s on s.job = l.job
    where l.campaign_id = c.campaign_id and l.state = 'completed'
) res
cross join lateral (
    select count(*) as emails_verified
    from jobs v join checks k on k.job = v.id
    where v.campaign_id = c.campaign_id and v.type = 'verify' and k.state = 'done'
) chk
where $1::text[] is null or c.campaign_id = any ($1)
order by c.campaign_id
