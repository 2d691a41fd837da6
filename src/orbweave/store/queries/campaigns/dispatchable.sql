-- Active campaigns that dispatch themselves and have both pending locations and room.
select c.campaign_id, c.client_id, c.max_inflight - n.n as room
from campaigns c
cross join lateral (
    select coalesce(sum(pending), 0) as pending, coalesce(sum(queued + processing), 0)::bigint as n
    from campaign_count where campaign_id = c.campaign_id
) n
where c.state = 'active' and c.dispatch = 'auto' and c.finished_at is null and n.pending > 0 and n.n < c.max_inflight
