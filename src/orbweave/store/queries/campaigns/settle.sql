-- $1 locked campaigns: note the end of those where still nothing is left.
update campaigns c set finished_at = now()
from campaign_totals t
where c.campaign_id = any ($1) and t.campaign_id = c.campaign_id and t.open = 0
returning c.campaign_id, c.client_id, t.completed, t.failed
