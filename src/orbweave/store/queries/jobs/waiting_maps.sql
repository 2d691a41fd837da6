select id::text as key from jobs where id = any ($1) and state = 'queued'
