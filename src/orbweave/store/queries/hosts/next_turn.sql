select extract(epoch from next_at - clock_timestamp())::float8 as wait,
       case when held_until > clock_timestamp() then extract(epoch from held_until - clock_timestamp())::float8 else 0 end
           as held
from hosts where host = $1
