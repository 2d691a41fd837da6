-- $1 campaign, $2 type, $3 how many: the next of a campaign's waiting jobs become known to the queue.
with next as (
    select id from jobs
    where campaign_id = $1 and type = $2 and state = 'queued' and not admitted
    order by id limit $3 for update skip locked
)
update jobs j set admitted = true from next where j.id = next.id
returning j.id, j.key, j.priority
