-- $1 website keys, $2 worker, $3 most jobs a key. With each, the result of the same crawl in the same campaign, if any.
with open as (
    select j.id
    from unnest($1::text[]) as k (key)
    cross join lateral (
        select id from jobs
        where type = 'site' and state in ('queued', 'processing') and key = k.key
        order by id limit $3 for update
    ) j
), begun as (
    update jobs j
    set state = 'processing', attempt = j.attempt + 1, worker_id = $2, admitted = true, updated_at = now(),
        started_at = coalesce(j.started_at, now())
    from open
    where j.id = open.id
    returning j.id, j.job_id, j.client_id, j.campaign_id, j.location_id, j.lead, j.key, j.payload, j.payload_hash,
              j.priority, j.attempt, j.created_at
)
select b.*, true as fresh, d.result_of, r.data -> 'emails' as emails
from begun b
left join lateral (
    select d.result_of from jobs d
    where d.campaign_id = b.campaign_id and d.type = 'site' and d.state = 'completed'
      and d.key = b.key and d.payload_hash = b.payload_hash
    limit 1
) d on true
left join results r on r.job = d.result_of
order by b.id
