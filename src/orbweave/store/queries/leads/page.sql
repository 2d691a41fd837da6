-- $1 campaign, $2 with pending, $3 minimum of valid addresses or null, $4 limit, $5 offset. In location order.
with chosen as materialized (
    select id from lead_states
    where campaign_id = $1 and ($2 or stage in ('complete', 'failed')) and ($3::int is null or emails_valid >= $3)
    order by ord, id limit $4 offset $5
)
select l.id, l.ord, l.location_id, cl.search_string, cl.display_name, cl.state as location_state, l.place, l.domain,
    l.filter_reason, l.stage, l.site_state, l.verify_state, l.verify_job, l.site_error, r.data as site
from lead_states l
join campaign_locations cl on cl.campaign_id = l.campaign_id and cl.location_id = l.location_id
left join results r on r.job = l.site_job
where l.id in (select id from chosen)
order by l.ord, l.id
