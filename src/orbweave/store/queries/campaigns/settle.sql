-- $1 campaigns: note the end of those where nothing is left, once.
with left_over as (
    select campaign_id, sum(completed)::bigint as completed, sum(failed)::bigint as failed,
           sum(pending + queued + processing + sites_queued + verifies_queued) as open
    from campaign_count where campaign_id = any ($1) group by campaign_id
)
update campaigns c set finished_at = now()
from left_over l
where c.campaign_id = l.campaign_id and c.finished_at is null and l.open = 0
returning c.campaign_id, c.client_id, l.completed, l.failed
