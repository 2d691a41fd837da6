-- $1 host, $2 pause between two requests, $3 places, $4 how long a place is held at most, $5 how far ahead a turn is given
insert into hosts as t (host, next_at, holds)
values ($1, clock_timestamp() + $2::interval, array[clock_timestamp() + $4::interval])
on conflict (host) do update
set next_at = greatest(t.next_at, t.held_until, clock_timestamp()) + $2::interval,
    holds = array(select hold from unnest(t.holds) hold where hold > clock_timestamp())
            || (greatest(t.next_at, t.held_until, clock_timestamp()) + $4::interval)
where greatest(t.next_at, t.held_until) <= clock_timestamp() + $5::interval
  and (select count(*) from unnest(t.holds) hold where hold > clock_timestamp()) < $3
returning holds[cardinality(holds)] as hold,
          extract(epoch from next_at - $2::interval - clock_timestamp())::float8 as wait
