-- $1 campaign, $2 limit, $3 offset. Every lead, in location order.
with chosen as materialized (
    select id from leads where campaign_id = $1 order by ord, id limit $2 offset $3
)
select l.id, l.ord, l.location_id, cl.search_string, cl.display_name, cl.state as location_state, l.place, l.domain,
    l.filter_reason, l.stage, l.site_state, l.verify_state, l.verify_job, l.site_error, r.data as site
from lead_states l
join campaign_locations cl on cl.campaign_id = l.campaign_id and cl.location_id = l.location_id
left join results r on r.job = l.site_job
where l.id in (select id from chosen)
order by l.ord, l.id
