select client_id, name, key_hash, secret_hash, active, rate_limit from clients where client_id = $1
