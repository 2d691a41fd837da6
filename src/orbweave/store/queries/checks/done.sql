-- $1 json array {id, verdict, reused}
with done as (
    update checks c set state = 'done', verdict = d.verdict, asked = c.asked + (not d.reused)::int
    from jsonb_to_recordset($1) as d (id bigint, verdict jsonb, reused boolean)
    where c.id = d.id and c.state = 'waiting'
    returning c.id, c.job, c.address, c.verdict, d.reused
), kept as (
    insert into verdicts (client_id, address, asked, verdict)
    select distinct on (j.client_id, d.address, asked) j.client_id, d.address,
        coalesce(j.payload ->> 'check_gravatar', 'false') || coalesce(j.payload ->> 'check_dnsbl', 'false') as asked,
        d.verdict
    from done d join jobs j on j.id = d.job
    where not d.reused and octet_length(d.address) <= 320
    on conflict (client_id, address, asked) do update set verdict = excluded.verdict, checked_at = excluded.checked_at
)
select id, job from done
