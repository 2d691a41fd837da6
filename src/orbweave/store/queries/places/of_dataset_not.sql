-- The records of every source but $1, for the next set.
select p.latitude, p.longitude, p.dataset, p.id, p.tags, p.license, p.expires_at
from places_{set} as p join place_datasets as d on d.set_id = {set} and d.dataset = p.dataset
where d.source <> $1 and (p.expires_at is null or p.expires_at > now())
order by p.place
