-- Says of each city of the country $1 (null: of any) whether it has postcodes.
update locations city set needs_postcodes = not needs_postcodes
where location_type = 'city' and ($1::text is null or country_code = $1)
  and needs_postcodes <> exists (select from locations postcode where postcode.parent_id = city.location_id)
