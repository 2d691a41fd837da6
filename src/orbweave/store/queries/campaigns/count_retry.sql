update campaign_locations set retries = retries + 1 where campaign_id = $1 and location_id = $2
