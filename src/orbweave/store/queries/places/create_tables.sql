create table places_{set} (like places_like including defaults);
create table place_kinds_{set} (like place_kinds_like including defaults);
