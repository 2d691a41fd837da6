-- $1 campaigns. Shared with other finishers; whoever changes the state waits for us, and we for them.
select campaign_id, client_id, state, spec, dispatch, max_inflight from campaigns
where campaign_id = any ($1) order by campaign_id for share
