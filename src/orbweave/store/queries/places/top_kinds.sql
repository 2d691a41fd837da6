select known.kind, count(*) as places
from place_kinds_{set} as k join place_kinds_known as known on known.kind_id = k.kind
where known.kind not like '%wikidata=%'
group by 1 order by 2 desc, 1 limit $1
