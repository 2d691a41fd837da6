-- $1 campaign. Returns its number of locations.
with j as (select id from jobs where campaign_id = $1),
     r as (delete from results using j where results.job = j.id),
     s as (delete from sightings using j where sightings.job = j.id),
     k as (delete from checks using j where checks.job = j.id),
     d as (delete from jobs where campaign_id = $1),
     l as (delete from leads where campaign_id = $1),
     n as (delete from campaign_count where campaign_id = $1),
     e as (delete from events where campaign_id = $1),
     c as (delete from campaigns where campaign_id = $1),
     w as (delete from campaign_locations where campaign_id = $1 returning 1)
select count(*) from w
