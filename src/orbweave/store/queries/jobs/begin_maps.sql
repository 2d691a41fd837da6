-- $1 job ids, $2 worker.
with open as (
    select id, state from jobs where id = any ($1) and state in ('queued', 'processing') order by id for update
)
update jobs j
set state = 'processing', attempt = j.attempt + 1, worker_id = $2, updated_at = now(),
    started_at = coalesce(j.started_at, now())
from open
where j.id = open.id
returning j.id, j.job_id, j.client_id, j.campaign_id, j.location_id, j.key, j.payload, j.priority, j.attempt,
          j.created_at, open.state = 'queued' as fresh
