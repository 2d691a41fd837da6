delete from hosts where next_at < now() - $1::interval
