-- $1 site jobs, $2 the jobs that verify what they found.
update jobs j set verify_job = d.verify_job from unnest($1::bigint[], $2::bigint[]) as d (id, verify_job) where j.id = d.id
