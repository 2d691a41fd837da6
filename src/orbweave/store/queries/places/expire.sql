with gone as (
    delete from places_{set} where expires_at <= now() returning place
)
delete from place_kinds_{set} where place = any (array(select place from gone))
