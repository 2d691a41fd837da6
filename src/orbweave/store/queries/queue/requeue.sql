-- $1 queue ids (fenced), $2 delays.
update pgqueuer q
set status = 'queued', queue_manager_id = null, slot = null, updated = now(), execute_after = now() + d.delay
from unnest($1::bigint[], $2::interval[]) as d (id, delay)
where q.id = d.id
