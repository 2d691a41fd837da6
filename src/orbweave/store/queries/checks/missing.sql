-- $1 verify jobs: what they ask, and which of it is answered.
select j.id, j.payload -> 'emails' as emails, j.priority,
       coalesce((select array_agg(c.ord) from checks c where c.job = j.id), '{}') as done
from jobs j where j.id = any ($1) order by j.id
