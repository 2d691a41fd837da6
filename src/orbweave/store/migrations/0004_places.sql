-- Imported places. A set is one country, built at once from all of its sources and never changed afterwards: an import
-- builds the next one beside it, in tables of its own (places_7, place_kinds_7), and one transaction makes it the
-- current one, so that reading never waits.
create table place_sets (
    set_id       integer generated always as identity primary key,
    country_code text not null,
    state        text not null default 'loading' check (state in ('loading', 'current', 'old')),
    places       integer not null default 0,
    duplicates   integer not null default 0,
    -- Outline and municipalities, compressed, to cut the country alike when another source is added.
    borders      bytea,
    created_at   timestamptz not null default now(),
    ended_at     timestamptz
);
create unique index place_sets_current on place_sets (country_code) where state = 'current';

-- What a set is made of. origin: the file or address it was read from; updates: how it is brought up to date.
create table place_datasets (
    set_id      integer not null references place_sets on delete cascade,
    dataset     smallint not null,
    source      text not null,
    license     text not null,
    attribution text not null,
    version     text,
    origin      text not null,
    updates     jsonb,
    places      integer not null,
    dropped     jsonb not null,
    imported_at timestamptz not null default now(),
    primary key (set_id, dataset)
);

-- The places of a location are those numbered first..last.
create table place_shares (
    set_id      integer not null references place_sets on delete cascade,
    location_id bigint not null,
    first       integer not null,
    last        integer not null,
    primary key (set_id, location_id)
);

-- What a place is looked up by: a key and value, such as amenity=restaurant or brand:wikidata=Q38076.
create table place_kinds_known (
    kind_id integer generated always as identity primary key,
    kind    text not null unique
);

-- The tables of a set are like these two. Numbered from 1, by location, so that a location's places lie together.
-- same_as: the place that this is one more record of; such a row is kept for the next set alone. merged: what those
-- other records add, and where they come from. Degrees are in 1/10,000,000. names: folded, a line each.
create table places_like (
    place       integer not null,
    location_id bigint not null,
    district_id bigint,
    latitude    integer not null,
    longitude   integer not null,
    dataset     smallint not null,
    id          text not null,
    tags        jsonb not null,
    names       text not null,
    license     text,
    expires_at  timestamptz,
    same_as     integer,
    merged      jsonb
);
create table place_kinds_like (
    kind  integer not null,
    place integer not null
);

-- What a source's terms want gone by a certain time is in leads and in the results of searches too.
create index leads_expiring on leads ((place ->> 'expires_at')) where place ->> 'expires_at' is not null;
create index results_expiring on results ((data #>> '{metadata,expires_at}'))
    where data #>> '{metadata,expires_at}' is not null;
