-- $1 first and $2 last number, $3 folded words that stand together in a name, $4 kinds that will do as well.
select array_agg(place order by place) from (
    select place from places_{set}
    where place between $1 and $2 and to_tsvector('simple', names) @@ phraseto_tsquery('simple', $3) and same_as is null
    union
    select place from place_kinds_{set} where kind = any ($4) and place between $1 and $2
) as either
