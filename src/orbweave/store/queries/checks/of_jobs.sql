select job, jsonb_agg(verdict order by ord) as verdicts from checks where job = any ($1) and state = 'done' group by job
