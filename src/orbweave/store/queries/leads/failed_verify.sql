-- $1 campaign, $2 position of the location: the verifications of its leads' addresses that failed.
select distinct verify_job as job from lead_states where campaign_id = $1 and ord = $2 and verify_state = 'failed'
