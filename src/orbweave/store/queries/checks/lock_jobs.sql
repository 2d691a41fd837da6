-- Two domains of one job may end at once: whoever comes second must see the other's checks.
select id from jobs where id = any ($1) and state = 'processing' order by id for update
