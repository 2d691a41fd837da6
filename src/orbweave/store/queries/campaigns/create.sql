insert into campaigns (campaign_id, client_id, name, query, country_code, filter, workflow, spec, dispatch, max_inflight)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
