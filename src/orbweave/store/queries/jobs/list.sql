-- $1 client, $2 state or null, $3 type or null, $4 sort column, $5 ascending, $6 limit, $7 offset.
with mine as (
    select id, job_id, client_id, type, campaign_id, location_id, payload, priority, state, attempt, worker_id, error,
           created_at, updated_at, started_at, finished_at
    from jobs
    where client_id = $1 and ($2::text is null or state = $2) and ($3::text is null or type = $3)
)
select *, count(*) over () as total from mine
order by
    case when $5 and $4 = 'updated_at' then updated_at end asc,
    case when not $5 and $4 = 'updated_at' then updated_at end desc,
    case when $5 and $4 = 'status' then state end asc,
    case when not $5 and $4 = 'status' then state end desc,
    case when $5 then id end asc,
    id desc
limit $6 offset $7
