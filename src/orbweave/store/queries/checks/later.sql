-- $1 ids, $2 delays: greylisted, asked again later. A retry after a crash of ours costs no turn ($3 false).
update checks c set not_before = now() + d.delay, asked = c.asked + $3::boolean::int
from unnest($1::bigint[], $2::interval[]) as d (id, delay)
where c.id = d.id and c.state = 'waiting'
