select distinct key from jobs where type = 'site' and state = 'queued' and key = any ($1)
