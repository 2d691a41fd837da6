-- $1 country, $2 min and $3 max population, $4 lower-case regions, $5 ids, $6 bbox [w, s, e, n] (w > e: across 180
-- degrees), $7 id of the city whose postcodes are asked for; null is no condition. $8: a city that has postcodes is
-- replaced by them. $9 limit.
with chosen as (
    select * from locations
    where country_code = $1
      and case
          when $5::bigint[] is not null then location_id = any ($5)
          when $7::bigint is not null then parent_id = $7
          else location_type = 'city'
      end
      and ($2::bigint is null or population >= $2)
      and ($3::bigint is null or population <= $3)
      and ($4::text[] is null or lower(admin_region) = any ($4))
      and ($6::float8[] is null or (latitude between ($6)[2] and ($6)[4] and case
          when ($6)[1] <= ($6)[3] then longitude between ($6)[1] and ($6)[3]
          else longitude >= ($6)[1] or longitude <= ($6)[3]
      end))
)
select location_id, country_code, country_name, name, admin_region, latitude, longitude, population, location_type,
       parent_city, needs_postcodes, parent_id
from (
    select * from chosen where not ($8::boolean and needs_postcodes)
    union all
    select postcode.* from chosen join locations postcode on postcode.parent_id = chosen.location_id where $8
) found
order by population desc, location_id
limit $9
