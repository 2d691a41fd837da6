update clients set active = $2 where client_id = $1 returning client_id
