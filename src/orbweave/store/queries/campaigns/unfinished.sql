select campaign_id from campaigns where finished_at is null
