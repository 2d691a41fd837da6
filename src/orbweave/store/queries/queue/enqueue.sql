-- $1 entrypoint, $2 keys, $3 priorities, $4 delays. A key that is queued or running keeps its one row; updating it
-- locks it, so whoever is about to acknowledge that row waits for us and then sees our waiting rows (or the reverse).
insert into pgqueuer as q (priority, entrypoint, payload, dedupe_key, execute_after, status)
select max(t.priority), $1, convert_to(t.key, 'UTF8'), $1 || ':' || t.key, now() + min(t.delay), 'queued'
from unnest($2::text[], $3::int[], $4::interval[]) as t (key, priority, delay)
group by t.key
order by t.key
on conflict (dedupe_key)
    where status = any (array['queued'::pgqueuer_status, 'picked'::pgqueuer_status]) and dedupe_key is not null
do update set priority = greatest(q.priority, excluded.priority),
              execute_after = least(q.execute_after, excluded.execute_after)
