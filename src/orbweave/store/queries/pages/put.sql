insert into pages (url, final_url, status, content_type, etag, last_modified, fetched_at, size, body)
values ($1, $2, $3, $4, $5, $6, $7, octet_length($8::bytea), $8)
on conflict (url) do update
set (final_url, status, content_type, etag, last_modified, fetched_at, size, body)
    = (excluded.final_url, excluded.status, excluded.content_type, excluded.etag, excluded.last_modified,
       excluded.fetched_at, excluded.size, excluded.body)
