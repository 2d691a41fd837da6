-- $1 campaign, $2 last ord, $3 last id, $4 limit: the next page by key.
select l.id, l.ord, l.location_id, cl.search_string, cl.display_name, cl.state as location_state, l.place, l.domain,
    l.filter_reason, l.stage, l.site_state, l.verify_state, l.verify_job, l.site_error, r.data as site
from lead_states l
join campaign_locations cl on cl.campaign_id = l.campaign_id and cl.location_id = l.location_id
left join results r on r.job = l.site_job
where l.campaign_id = $1 and (l.ord, l.id) > ($2, $3)
order by l.ord, l.id limit $4
