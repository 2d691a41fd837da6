-- Sets that nobody reads any more: replaced a while ago ($1), or never finished by an importer that is gone. An importer
-- holds the lock of its set.
select set_id from place_sets
where (state = 'old' and ended_at < now() - $1::interval)
   or (state = 'loading' and pg_try_advisory_xact_lock($2, set_id))
order by set_id
