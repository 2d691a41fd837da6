select first, last from place_shares where set_id = $1 and location_id = $2
