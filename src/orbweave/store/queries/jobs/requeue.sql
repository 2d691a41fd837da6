-- $1 ids, $2 errors (null: given back by a worker that stops, which costs no attempt).
update jobs j
set state = 'queued', error = d.error, worker_id = null, updated_at = now(),
    attempt = j.attempt - (d.error is null)::int
from unnest($1::bigint[], $2::text[]) as d (id, error)
where j.id = d.id and j.state = 'processing'
returning j.id
