alter table places_{set} add primary key (place);
create index places_{set}_district on places_{set} (district_id) where district_id is not null;
create index places_{set}_position on places_{set} (latitude, longitude);
create index places_{set}_names on places_{set} using gin (to_tsvector('simple', names));
create index places_{set}_expiring on places_{set} (expires_at) where expires_at is not null;
alter table place_kinds_{set} add primary key (kind, place);
analyze places_{set};
analyze place_kinds_{set};
