select count(*) from lead_states
where campaign_id = $1 and ($2 or stage in ('complete', 'failed')) and ($3::int is null or emails_valid >= $3)
