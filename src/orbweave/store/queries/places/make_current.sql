update place_sets set state = 'current', places = $2, duplicates = $3 where set_id = $1
