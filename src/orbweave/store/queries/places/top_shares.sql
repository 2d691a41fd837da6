-- $1 set, $2 how many. A postcode's places are its city's too.
select s.location_id, l.name, s.last - s.first + 1 as places
from place_shares as s left join locations as l using (location_id)
where set_id = $1 and l.location_type is distinct from 'postcode'
order by places desc, location_id
limit $2
