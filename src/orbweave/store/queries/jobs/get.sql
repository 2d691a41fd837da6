select id, job_id, client_id, type, campaign_id, location_id, payload, priority, state, attempt, worker_id, error,
       created_at, updated_at, started_at, finished_at
from jobs where job_id = $1 and client_id = $2
