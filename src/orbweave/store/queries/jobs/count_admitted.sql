-- $1 campaigns, $2 type.
select c.campaign_id, n.n
from unnest($1::text[]) as c (campaign_id)
cross join lateral (
    select count(*) as n from jobs j
    where j.campaign_id = c.campaign_id and j.type = $2 and j.state in ('queued', 'processing') and j.admitted
          and j.not_before <= now()
) n
