-- Work that is to be tried again later waits for its own time, whatever else its website or mail domain has to do.
alter table jobs add column not_before timestamptz not null default now();

alter table checks add column priority smallint not null default 0;
drop index checks_waiting;
create index checks_waiting on checks (domain, priority desc, id) where state = 'waiting';
drop index checks_done;

-- A client's latest verdict on an address, reused for a while. Asked: with Gravatar or not, with blacklists or not.
create table verdicts (
    client_id  text not null,
    address    text not null,
    asked      text not null,
    verdict    jsonb not null,
    checked_at timestamptz not null default now(),
    primary key (client_id, address, asked)
);
create index verdicts_by_age on verdicts (checked_at);
