-- $1 now, as in the rows.
update results
set data = jsonb_set(
    jsonb_set(data, '{businesses}', coalesce((
        select jsonb_agg(business order by place)
        from jsonb_array_elements(data -> 'businesses') with ordinality as each (business, place)
        where business ->> 'expires_at' is null or business ->> 'expires_at' > $1), '[]')),
    '{metadata,expires_at}', coalesce((
        select to_jsonb(min(business ->> 'expires_at'))
        from jsonb_array_elements(data -> 'businesses') as business where business ->> 'expires_at' > $1), 'null'))
where data #>> '{metadata,expires_at}' is not null and data #>> '{metadata,expires_at}' <= $1
