-- $1 now, as in the rows. What we found out ourselves, on its website, stays.
update leads
set place = jsonb_build_object(
    'place_id', place -> 'place_id', 'source', place -> 'source', 'source_license', place -> 'source_license',
    'attribution', place -> 'attribution', 'expires_at', place -> 'expires_at', 'expired', true)
where place ->> 'expires_at' is not null and place ->> 'expires_at' <= $1 and not place ? 'expired'
