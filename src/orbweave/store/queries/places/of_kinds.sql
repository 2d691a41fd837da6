-- $1 first and $2 last number, $3 how many at most, $4 kinds.
with wanted as (
    select distinct place from place_kinds_{set} where kind = any ($4) and place between $1 and $2 order by place limit $3
)
select place, location_id, district_id, latitude, longitude, dataset, id, tags, license, expires_at, merged
from wanted join places_{set} using (place)
order by place
