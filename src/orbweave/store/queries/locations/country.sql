select country_name from locations where country_code = $1 limit 1
