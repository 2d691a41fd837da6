-- $1 country, null for all.
select set_id, country_code, places, duplicates, created_at,
       (select json_agg(row_to_json(d) order by dataset) from place_datasets as d where d.set_id = s.set_id) as datasets
from place_sets as s
where state = 'current' and ($1::text is null or country_code = $1)
order by country_code
