update leads set verify_state = 'pending', stage = 'verify' where id = any ($1)
