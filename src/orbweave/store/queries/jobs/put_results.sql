insert into results (job, data)
select job, data from jsonb_to_recordset($1) as r (job bigint, data jsonb)
on conflict (job) do update set data = excluded.data
