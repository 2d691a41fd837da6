-- $1 json array {lead, site_state, stage, emails_found, verify_state, verify_job}
update leads l
set site_state = d.site_state, stage = d.stage, emails_found = d.emails_found, verify_state = d.verify_state,
    verify_job = d.verify_job
from jsonb_to_recordset($1) as d (
    lead bigint, site_state text, stage text, emails_found int, verify_state text, verify_job bigint)
where l.id = d.lead
