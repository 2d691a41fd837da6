select id::text as key, greatest(not_before - now(), interval '0') as delay
from jobs where id = any ($1) and state = 'queued'
