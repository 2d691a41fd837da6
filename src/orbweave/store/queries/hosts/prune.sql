delete from hosts where greatest(next_at, held_until) < now() - $1::interval
