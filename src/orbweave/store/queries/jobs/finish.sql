-- $1 ids, $2 states, $3 errors, $4 result_of. Only what is still processing: a cancelled job keeps its state.
update jobs j
set state = d.state, error = d.error, result_of = d.result_of, updated_at = now(), finished_at = now()
from unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) as d (id, state, error, result_of)
where j.id = d.id and j.state = 'processing'
returning j.id
