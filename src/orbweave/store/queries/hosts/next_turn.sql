select extract(epoch from next_at - clock_timestamp())::float8 from hosts where host = $1
