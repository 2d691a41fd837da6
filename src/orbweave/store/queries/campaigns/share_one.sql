select campaign_id, client_id, state, spec, dispatch, max_inflight from campaigns
where campaign_id = $1 and client_id = $2 for share
