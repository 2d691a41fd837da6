-- names: all of a location's, folded, a line each. Searched by the beginnings of words.
alter table locations add column names text not null default '';
create index locations_by_word on locations using gin (array_to_tsvector(string_to_array(translate(names, e'\n', ' '), ' ')));

-- A postcode's city. Postcodes come from imported addresses and outlast the gazetteer.
alter table locations add column parent_id bigint;
create index locations_by_parent on locations (parent_id) where parent_id is not null;
