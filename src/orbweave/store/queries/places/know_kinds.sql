insert into place_kinds_known (kind) select unnest($1::text[]) on conflict do nothing
