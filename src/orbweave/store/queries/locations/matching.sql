-- $1 country, $2 min and $3 max population, $4 lower-case regions, $5 ids, $6 bbox [w, s, e, n]; null is no condition.
select location_id, country_code, country_name, name, admin_region, latitude, longitude, population, location_type,
       parent_city, needs_postcodes
from locations
where country_code = $1
  and ($2::bigint is null or population >= $2)
  and ($3::bigint is null or population <= $3)
  and ($4::text[] is null or lower(admin_region) = any ($4))
  and ($5::bigint[] is null or location_id = any ($5))
  and ($6::float8[] is null or (longitude between ($6)[1] and ($6)[3] and latitude between ($6)[2] and ($6)[4]))
order by population desc, location_id
limit $7
