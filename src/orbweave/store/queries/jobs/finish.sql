-- $1 ids, $2 states, $3 errors, $4 emails. Only what is still processing: a cancelled job keeps its state.
update jobs j
set state = d.state, error = d.error, emails = d.emails, updated_at = now(), finished_at = now()
from unnest($1::bigint[], $2::text[], $3::text[], $4::int[]) as d (id, state, error, emails)
where j.id = d.id and j.state = 'processing'
returning j.id
