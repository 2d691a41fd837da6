-- $1 bytes kept of all pages together, the newest; $2 for how long
delete from pages
where fetched_at < now() - $2::interval
   or url in (
       select url from (select url, sum(size) over (order by fetched_at desc, url) as kept from pages) newest
       where kept > $1::bigint
   )
