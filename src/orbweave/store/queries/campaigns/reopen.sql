update campaigns set finished_at = null, updated_at = now() where campaign_id = $1
