-- What crawls of all workers share. A crash of the database may lose it: a page is then fetched once more.

create unlogged table hosts (
    host       text primary key,
    -- When the next request may begin, until when the host wants to be left alone, and until when each of the requests
    -- that have begun counts as open.
    next_at    timestamptz not null,
    held_until timestamptz not null default '-infinity',
    holds      timestamptz[] not null default '{}'
);
create index hosts_by_age on hosts (greatest(next_at, held_until));

create unlogged table pages (
    url           text primary key,
    final_url     text not null,
    status        smallint not null,
    content_type  text not null,
    etag          text,
    last_modified text,
    fetched_at    timestamptz not null,
    size          integer not null,
    -- zlib
    body          bytea not null
);
alter table pages alter column body set storage external;

-- A site job's compendium, apart from what lists and leads read.
alter table results add column markdown text;
