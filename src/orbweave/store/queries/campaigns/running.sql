select exists (select 1 from jobs where campaign_id = $1 and state in ('queued', 'processing'))
