update leads set site_state = 'pending', stage = 'site' where id = any ($1)
