select client_id, name, active, rate_limit, created_at from clients order by created_at, client_id
