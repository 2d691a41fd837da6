-- $1 client, $2 status or null, $3 country or null, $4 limit, $5 offset. Newest first; total counts all that match.
with one as (
    select
        c.campaign_id, c.name, c.state, c.query, c.country_code, c.filter, c.workflow, c.pause_reason, c.created_at,
    greatest(c.updated_at, max(n.at)) as updated_at,
    coalesce(sum(n.pending), 0)::bigint as pending,
    coalesce(sum(n.queued), 0)::bigint as queued,
    coalesce(sum(n.processing), 0)::bigint as processing,
    coalesce(sum(n.completed), 0)::bigint as completed,
    coalesce(sum(n.failed), 0)::bigint as failed,
    coalesce(sum(n.results), 0)::bigint as results,
    coalesce(sum(n.leads), 0)::bigint as leads,
    coalesce(sum(n.with_domains), 0)::bigint as with_domains,
    coalesce(sum(n.filtered), 0)::bigint as filtered,
    coalesce(sum(n.businesses), 0)::bigint as businesses,
    coalesce(sum(n.sites_queued), 0)::bigint as sites_queued,
    coalesce(sum(n.sites_completed), 0)::bigint as sites_completed,
    coalesce(sum(n.sites_failed), 0)::bigint as sites_failed,
    coalesce(sum(n.verifies_queued), 0)::bigint as verifies_queued,
    coalesce(sum(n.verifies_completed), 0)::bigint as verifies_completed,
    coalesce(sum(n.verifies_failed), 0)::bigint as verifies_failed,
    coalesce(sum(n.emails_found), 0)::bigint as emails_found,
    coalesce(sum(n.emails_verified), 0)::bigint as emails_verified,
    coalesce(sum(n.emails_valid), 0)::bigint as emails_valid
    from campaigns c
    left join campaign_count n using (campaign_id)
    where c.client_id = $1 and ($3::text is null or c.country_code = $3)
    group by c.campaign_id
), named as (
    select *, case when pending + queued + processing + sites_queued + verifies_queued = 0 then 'completed' else state end as status
    from one
)
select *, count(*) over () as total from named
where $2::text is null or status = $2
order by created_at desc, campaign_id
limit $4 offset $5
