update campaigns set name = $3, updated_at = greatest(updated_at, clock_timestamp()) where campaign_id = $1 and client_id = $2
