drop table if exists places_{set}, place_kinds_{set}
