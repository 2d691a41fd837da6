update jobs set state = 'cancelled', finished_at = now(), updated_at = now() where id = $1
