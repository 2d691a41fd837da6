insert into place_sets (country_code, borders) values ($1, $2) returning set_id
