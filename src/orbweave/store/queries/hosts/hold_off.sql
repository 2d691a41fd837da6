insert into hosts as t (host, next_at, held_until)
values ($1, clock_timestamp(), clock_timestamp() + $2::interval)
on conflict (host) do update set held_until = greatest(t.held_until, excluded.held_until)
