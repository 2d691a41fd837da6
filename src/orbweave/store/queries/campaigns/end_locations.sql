-- $1 maps jobs, $2 states.
update campaign_locations l set state = d.state
from unnest($1::text[], $2::bigint[], $3::text[]) as d (campaign_id, location_id, state)
where l.campaign_id = d.campaign_id and l.location_id = d.location_id
returning l.campaign_id, l.location_id, l.ord, l.search_string, l.display_name
