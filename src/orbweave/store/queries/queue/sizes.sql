select type, count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'processing') as processing
from jobs where state in ('queued', 'processing') group by type
