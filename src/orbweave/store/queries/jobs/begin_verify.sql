-- $1 mail domains, $2 worker, $3 most checks a domain. With each, a verdict on the same address in the same campaign.
with open as (
    select c.id, c.job
    from unnest($1::text[]) as d (domain)
    cross join lateral (
        select id, job from checks
        where state = 'waiting' and domain = d.domain and not_before <= now()
        order by id limit $3 for update
    ) c
), begun as (
    update checks c set attempt = c.attempt + 1 from open where c.id = open.id
    returning c.id, c.job, c.ord, c.address, c.domain, c.attempt, c.asked, c.campaign_id
), started as (
    update jobs j
    set state = 'processing', worker_id = $2, attempt = greatest(j.attempt, 1), updated_at = now(),
        started_at = coalesce(j.started_at, now())
    where j.id in (select job from open) and j.state in ('queued', 'processing')
    returning j.id, j.payload
)
select b.*, s.payload, v.verdict
from begun b
join started s on s.id = b.job
left join lateral (
    select o.verdict from checks o
    where o.campaign_id = b.campaign_id and o.address = b.address and o.state = 'done'
    limit 1
) v on true
order by b.id
