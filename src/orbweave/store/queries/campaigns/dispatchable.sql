-- Active campaigns that dispatch themselves and have both pending locations and room. ``offset 0`` keeps the sums to the unfinished few.
select c.campaign_id, c.max_inflight - (t.queued + t.processing) as room
from campaigns c
cross join lateral (select * from campaign_totals t where t.campaign_id = c.campaign_id offset 0) t
where c.state = 'active' and c.dispatch = 'auto' and c.finished_at is null
  and t.pending > 0 and t.queued + t.processing < c.max_inflight
