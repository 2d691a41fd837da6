select domain, greatest(min(not_before) - now(), interval '0') as delay
from checks where state = 'waiting' and domain = any ($1) group by domain
