-- Older than a minute, so that what another transaction is about to commit is left alone.
with open as (
    select 'maps' as entrypoint, id::text as key, priority from jobs
    where type = 'maps' and state in ('queued', 'processing') and admitted and updated_at < now() - interval '1 minute'
    union
    select 'site', key, max(priority) from jobs
    where type = 'site' and state in ('queued', 'processing') and admitted and updated_at < now() - interval '1 minute'
    group by key
    union
    select 'verify', c.domain, max(j.priority) from checks c join jobs j on j.id = c.job
    where c.state = 'waiting' and j.admitted and j.updated_at < now() - interval '1 minute'
    group by c.domain
)
select * from open o
where not exists (
    select 1 from pgqueuer q where q.dedupe_key = o.entrypoint || ':' || o.key and q.status in ('queued', 'picked'))
limit 1000
