-- $1 limit: campaigns with crawls waiting while fewer than the limit are in the queue, and how many fit.
select w.campaign_id, $1 - n.n as room
from (select distinct campaign_id from jobs where state = 'queued' and not admitted and type = 'site') w
cross join lateral (
    select count(*) as n from jobs j
    where j.campaign_id = w.campaign_id and j.type = 'site' and j.state in ('queued', 'processing') and j.admitted
          and j.not_before <= now()
) n
where n.n < $1
