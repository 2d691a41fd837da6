select coalesce(sum(queued + processing), 0)::bigint from campaign_count where campaign_id = $1
