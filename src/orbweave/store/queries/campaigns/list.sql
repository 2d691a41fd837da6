-- $1 client, $2 status or null, $3 country or null, $4 limit, $5 offset. Newest first; total counts all that match.
select c.campaign_id, c.name, c.state, c.query, c.country_code, c.filter, c.workflow, c.pause_reason, c.created_at,
       greatest(c.updated_at, t.counted_at) as updated_at, t.*, count(*) over () as total
from campaigns c
join campaign_totals t on t.campaign_id = c.campaign_id
where c.client_id = $1
  and ($3::text is null or c.country_code = $3)
  and ($2::text is null or $2 = case when t.open = 0 then 'completed' else c.state end)
order by c.created_at desc, c.campaign_id
limit $4 offset $5
