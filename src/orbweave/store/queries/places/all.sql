-- $1 first and $2 last number, $3 how many at most.
select place, location_id, district_id, latitude, longitude, dataset, id, tags, license, expires_at, merged
from places_{set}
where place between $1 and $2 and same_as is null
order by place
limit $3
