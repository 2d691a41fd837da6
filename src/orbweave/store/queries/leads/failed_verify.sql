select id, verify_job as job from leads where campaign_id = $1 and location_id = $2 and verify_state = 'failed' order by id for update
