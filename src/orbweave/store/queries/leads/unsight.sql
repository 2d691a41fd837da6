delete from sightings where job = $1
