update campaigns set state = $2, pause_reason = $3, updated_at = greatest(updated_at, clock_timestamp()) where campaign_id = $1
