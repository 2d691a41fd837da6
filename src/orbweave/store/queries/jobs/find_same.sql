-- $1 client, $2 type, $3 payload: the newest job of the same payload within 24 hours that is not lost.
select job_id, created_at from jobs
where client_id = $1 and type = $2 and payload_hash = decode(md5($3::jsonb::text), 'hex') and campaign_id is null
  and state in ('queued', 'processing', 'completed') and created_at > now() - interval '24 hours'
order by id desc limit 1
