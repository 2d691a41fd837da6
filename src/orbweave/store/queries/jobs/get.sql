select id, job_id, client_id, type, campaign_id, location_id, lead, payload, priority, state, attempt, worker_id, error,
       result_of, created_at, updated_at, started_at, finished_at
from jobs where job_id = $1 and client_id = $2
