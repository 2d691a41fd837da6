delete from workers where worker_id = $1 or seen_at < now() - interval '1 day'
