update place_sets set state = 'old', ended_at = now() where country_code = $1 and state = 'current'
