-- $1 first and $2 last number, $3 how many at most, $4 west, $5 south, $6 east, $7 north.
with wanted as materialized (
    select place from places_{set}
    where latitude between $5 and $7 and longitude between $4 and $6 and same_as is null
)
select place, location_id, district_id, latitude, longitude, dataset, id, tags, license, expires_at, merged
from wanted join places_{set} using (place)
where place between $1 and $2
order by place
limit $3
