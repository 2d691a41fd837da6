-- $1 numbers.
select place, location_id, district_id, latitude, longitude, dataset, id, tags, license, expires_at, merged
from places_{set}
where place = any ($1)
order by place
