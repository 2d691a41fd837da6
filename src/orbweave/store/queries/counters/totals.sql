-- $1 campaign ids or null for all.
select * from campaign_totals where $1::text[] is null or campaign_id = any ($1) order by campaign_id
