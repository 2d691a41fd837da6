-- $1 json array {id, verdict}
update checks c set state = 'done', verdict = d.verdict, asked = c.asked + 1
from jsonb_to_recordset($1) as d (id bigint, verdict jsonb)
where c.id = d.id and c.state = 'waiting'
returning c.id, c.job
