insert into workers (worker_id, pid, host, running) values ($1, $2, $3, $4)
on conflict (worker_id) do update set seen_at = now(), running = excluded.running
