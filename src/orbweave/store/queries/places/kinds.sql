-- $1 kinds; those that end with =* stand for any value of the key.
select kind_id from place_kinds_known where kind = any ($1)
union
select kind_id from place_kinds_known, unnest($1::text[]) as asked
where asked like '%=*' and starts_with(kind, left(asked, -1))
