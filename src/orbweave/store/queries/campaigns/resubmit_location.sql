update campaign_locations set state = 'submitted' where campaign_id = $1 and location_id = $2
