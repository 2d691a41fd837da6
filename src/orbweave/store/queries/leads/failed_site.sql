-- $1 campaign, $2 position of the location: the crawls of its leads that failed.
select distinct site_job as job from lead_states where campaign_id = $1 and ord = $2 and site_state = 'failed'
