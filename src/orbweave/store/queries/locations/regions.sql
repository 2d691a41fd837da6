select coalesce(admin_region, '') as admin_region, count(*) as locations, sum(population)::bigint as population
from locations where country_code = $1 and admin_region is not null group by 1 order by 1
