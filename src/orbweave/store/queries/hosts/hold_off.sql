insert into hosts as t (host, next_at, holds)
values ($1, clock_timestamp() + $2::interval, '{}')
on conflict (host) do update set next_at = greatest(t.next_at, excluded.next_at)
