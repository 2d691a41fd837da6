-- $1 queue ids, $2 our queue manager. The claims that are still ours, locked until commit, in the order of enqueueing.
select id from pgqueuer
where id = any ($1) and queue_manager_id = $2 and status = 'picked'
order by dedupe_key
for update
