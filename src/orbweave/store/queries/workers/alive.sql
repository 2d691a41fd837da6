select worker_id, pid, host, running from workers where seen_at > now() - $1::interval
