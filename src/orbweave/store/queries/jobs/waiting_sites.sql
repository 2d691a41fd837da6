-- Under the fence nobody else works for these keys: what is processing was left behind by a dead worker.
select key, greatest(min(not_before) - now(), interval '0') as delay
from jobs where type = 'site' and state in ('queued', 'processing') and key = any ($1)
group by key
