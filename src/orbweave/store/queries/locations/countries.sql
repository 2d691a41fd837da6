select country_code, country_name, count(*) as locations, sum(population)::bigint as population
from locations group by country_code, country_name order by country_code
