-- $1 queue ids (fenced), $2 delays. Whoever waits for work hears of it.
with back as (
    update pgqueuer q
    set status = 'queued', queue_manager_id = null, slot = null, updated = now(), execute_after = now() + d.delay
    from unnest($1::bigint[], $2::interval[]) as d (id, delay)
    where q.id = d.id
    returning q.id
)
select pg_notify($3, json_build_object(
    'channel', $3::text, 'operation', 'update', 'sent_at', now(), 'table', 'pgqueuer', 'type', 'table_changed_event')::text)
from back limit 1
