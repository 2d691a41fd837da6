update campaigns set name = $3, updated_at = now() where campaign_id = $1 and client_id = $2
