-- $1 website keys, $2 worker, $3 most jobs a key.
with open as (
    select j.id
    from unnest($1::text[]) as k (key)
    cross join lateral (
        select id from jobs
        where type = 'site' and state in ('queued', 'processing') and key = k.key and not_before <= now()
        order by priority desc, id limit $3 for update
    ) j
)
update jobs j
set state = 'processing', attempt = j.attempt + 1, worker_id = $2, admitted = true, updated_at = now(),
    started_at = coalesce(j.started_at, now())
from open
where j.id = open.id
returning j.id, j.job_id, j.client_id, j.campaign_id, j.location_id, j.key, j.payload, j.priority, j.attempt,
          j.created_at, true as fresh
