-- $2 location ids from here on are of postcodes.
select location_id, first, last from place_shares where set_id = $1 and location_id < $2 order by first
