select s.location_id, l.name, s.last - s.first + 1 as places
from place_shares as s left join locations as l using (location_id)
where set_id = $1 order by places desc, location_id limit $2
