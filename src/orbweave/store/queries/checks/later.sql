-- $1 ids, $2 delays, $3 by how much the count of answers changes (greylisted: 1), $4 and that of attempts (given back by
-- a worker that stops: -1).
update checks c set not_before = now() + d.delay, asked = c.asked + $3::int, attempt = c.attempt + $4::int
from unnest($1::bigint[], $2::interval[]) as d (id, delay)
where c.id = d.id and c.state = 'waiting'
