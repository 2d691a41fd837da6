with renewed as (select clock_timestamp() + $3::interval as hold)
update hosts set holds = array_replace(holds, $2, renewed.hold) from renewed
where host = $1 and $2 = any (holds)
returning renewed.hold
