-- Unfinished campaigns where nothing is left, locked: no retry can open them until we commit.
-- ``offset 0`` keeps the sums to the unfinished few.
select c.campaign_id
from campaigns c
cross join lateral (select * from campaign_totals t where t.campaign_id = c.campaign_id offset 0) t
where c.finished_at is null and t.open = 0
order by c.campaign_id
for update of c skip locked
