-- The counters as the rows say. $1 campaign ids or null for all.
select
    c.campaign_id,
    loc.*, lead.*, res.results, chk.emails_verified
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
        count(*) filter (where site_job is not null) as businesses,
        count(*) filter (where site_state = 'pending') as sites_queued,
        count(*) filter (where site_state = 'completed') as sites_completed,
        count(*) filter (where site_state = 'failed') as sites_failed,
        count(*) filter (where verify_state = 'pending') as verifies_queued,
        count(*) filter (where verify_state = 'completed') as verifies_completed,
        count(*) filter (where verify_state = 'failed') as verifies_failed,
        coalesce(sum(emails_found), 0)::bigint as emails_found,
        coalesce(sum(emails_valid), 0)::bigint as emails_valid
    from leads where campaign_id = c.campaign_id
) lead
cross join lateral (
    select count(*) as results
    from campaign_locations l join sightings s on s.job = l.job
    where l.campaign_id = c.campaign_id and l.state = 'completed'
) res
cross join lateral (
    select count(*) as emails_verified
    from leads d join checks k on k.job = d.verify_job
    where d.campaign_id = c.campaign_id and k.state = 'done'
) chk
where $1::text[] is null or c.campaign_id = any ($1)
order by c.campaign_id
