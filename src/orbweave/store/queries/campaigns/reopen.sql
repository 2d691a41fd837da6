update campaigns set finished_at = null, updated_at = greatest(updated_at, clock_timestamp()) where campaign_id = $1
