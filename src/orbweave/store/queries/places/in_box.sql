-- $1 first and $2 last number, $3 west, $4 south, $5 east, $6 north.
select array_agg(place order by place) from places_{set}
where place between $1 and $2 and latitude between $4 and $6 and longitude between $3 and $5 and same_as is null
