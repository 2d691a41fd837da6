-- Under the fence nobody else works for these keys: what is processing was left behind by a dead worker.
select distinct key from jobs where type = 'site' and state in ('queued', 'processing') and key = any ($1)
