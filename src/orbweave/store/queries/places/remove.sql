with ended as (
    update place_sets set state = 'old', ended_at = now() where country_code = $1 and state = 'current' returning set_id
), postcodes as (
    delete from locations where country_code = $1 and location_type = 'postcode'
), cities as (
    update locations set needs_postcodes = false where country_code = $1 and needs_postcodes
)
select set_id from ended
