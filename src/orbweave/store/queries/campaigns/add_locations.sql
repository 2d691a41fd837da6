-- $1 campaign, $2 location ids in dispatch order, $3 search strings, $4 display names.
insert into campaign_locations (campaign_id, location_id, ord, search_string, display_name)
select $1, t.location_id, t.ord, t.search_string, t.display_name
from unnest($2::bigint[], $3::text[], $4::text[]) with ordinality as t (location_id, search_string, display_name, ord)
