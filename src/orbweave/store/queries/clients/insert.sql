insert into clients (client_id, name, key_hash, secret_hash, rate_limit) values ($1, $2, $3, $4, $5)
