-- $1 ids, $2 errors (null: nothing was tried, which costs no attempt), $3 delays.
update jobs j
set state = 'queued', error = d.error, worker_id = null, updated_at = now(), not_before = now() + d.delay,
    attempt = j.attempt - (d.error is null)::int
from unnest($1::bigint[], $2::text[], $3::interval[]) as d (id, error, delay)
where j.id = d.id and j.state = 'processing'
returning j.id
