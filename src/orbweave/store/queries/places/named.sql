-- $1 first and $2 last number, $3 how many at most, $4 folded words that stand together in a name.
with wanted as materialized (
    select place from places_{set}
    where to_tsvector('simple', names) @@ phraseto_tsquery('simple', $4) and same_as is null
)
select place, location_id, district_id, latitude, longitude, dataset, id, tags, license, expires_at, merged
from wanted join places_{set} using (place)
where place between $1 and $2
order by place
limit $3
