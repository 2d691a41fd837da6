insert into results (job, data, markdown)
select job, data, markdown from jsonb_to_recordset($1) as r (job bigint, data jsonb, markdown text)
on conflict (job) do update set data = excluded.data, markdown = excluded.markdown
