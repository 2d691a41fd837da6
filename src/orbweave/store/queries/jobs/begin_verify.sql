-- $1 mail domains, $2 worker, $3 most checks a domain, $4 and $5 for how long verdicts are reused, and unknown ones. With
-- each, the client's verdict on the same address that can be reused.
with open as (
    select c.id, c.job
    from unnest($1::text[]) as d (domain)
    cross join lateral (
        select id, job from checks
        where state = 'waiting' and domain = d.domain and not_before <= now()
        order by priority desc, id limit $3 for update
    ) c
), begun as (
    update checks c set attempt = c.attempt + 1 from open where c.id = open.id
    returning c.id, c.job, c.address, c.domain, c.attempt, c.asked
), started as (
    update jobs j
    set state = 'processing', worker_id = $2, attempt = greatest(j.attempt, 1), updated_at = now(),
        started_at = coalesce(j.started_at, now())
    where j.id in (select job from open) and j.state in ('queued', 'processing')
    returning j.id, j.client_id, j.payload
)
select b.*, s.payload, v.verdict
from begun b
join started s on s.id = b.job
left join lateral (
    select k.verdict from verdicts k
    where k.client_id = s.client_id and k.address = b.address
      and k.asked
          = coalesce(s.payload ->> 'check_gravatar', 'false') || coalesce(s.payload ->> 'check_dnsbl', 'false')
      and k.checked_at > now() - case when k.verdict ->> 'status' = 'unknown' then $5::interval else $4::interval end
      and s.payload -> 'test' is distinct from 'true'
) v on true
order by b.id
