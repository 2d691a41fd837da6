update jobs set state = 'queued', attempt = 0, error = null, worker_id = null, finished_at = null, started_at = null,
    admitted = true, updated_at = now(), not_before = now()
where id = any ($1) returning id, job_id, key, priority
