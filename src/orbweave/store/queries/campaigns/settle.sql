-- Note the end of the campaigns where nothing is left, once. ``offset 0`` keeps the sums to the unfinished few.
with ended as (
    select t.campaign_id, t.completed, t.failed
    from campaigns c
    cross join lateral (select * from campaign_totals t where t.campaign_id = c.campaign_id offset 0) t
    where c.finished_at is null and t.open = 0
)
update campaigns c set finished_at = now()
from ended e
where e.campaign_id = c.campaign_id and c.finished_at is null
returning c.campaign_id, c.client_id, e.completed, e.failed
