-- $1 campaign, $2 how many: the next pending locations, largest first; two callers never take the same one.
with next as (
    select location_id from campaign_locations
    where campaign_id = $1 and state = 'pending'
    order by ord limit $2 for update skip locked
)
update campaign_locations l set state = 'submitted' from next
where l.campaign_id = $1 and l.location_id = next.location_id
returning l.location_id, l.ord, l.search_string, l.display_name
