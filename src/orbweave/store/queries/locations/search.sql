-- $1 country, $2 type, $3 parent city, $4 region, $5 min and $6 max population, $7 beginnings of words of a name, as a
-- tsquery, $8 limit, $9 offset.
select location_id, country_code, country_name, name, admin_region, latitude, longitude, population, location_type,
       parent_city, needs_postcodes, parent_id, count(*) over () as total
from locations
where ($1::text is null or country_code = $1)
  and ($2::text is null or location_type = $2)
  and ($3::text is null or lower(parent_city) = lower($3))
  and ($4::text is null or lower(admin_region) = lower($4))
  and ($5::bigint is null or population >= $5)
  and ($6::bigint is null or population <= $6)
  and ($7::text is null or array_to_tsvector(string_to_array(translate(names, e'\n', ' '), ' ')) @@ $7::tsquery)
order by population desc, location_id
limit $8 offset $9
