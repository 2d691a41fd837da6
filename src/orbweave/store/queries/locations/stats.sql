select count(*) as total, count(distinct country_code) as countries, coalesce(sum(population), 0)::bigint as population,
       count(*) filter (where location_type = 'city') as cities,
       count(*) filter (where location_type = 'postcode') as postcodes
from locations where $1::text is null or country_code = $1
