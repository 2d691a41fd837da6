delete from checks where job = any ($1) and state = 'waiting'
