-- $1 campaign, $2 client. One statement is one snapshot: 32 counter rows and the campaign's own.
select c.campaign_id, c.name, c.state, c.query, c.country_code, c.filter, c.workflow, c.pause_reason, c.created_at,
       greatest(c.updated_at, t.counted_at) as updated_at, t.*
from campaigns c
join campaign_totals t on t.campaign_id = c.campaign_id
where c.campaign_id = $1 and c.client_id = $2
