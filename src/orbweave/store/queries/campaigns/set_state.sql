update campaigns set state = $2, pause_reason = $3, updated_at = now() where campaign_id = $1
