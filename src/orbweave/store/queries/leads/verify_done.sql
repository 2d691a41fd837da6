-- $1 json array {lead, verify_state, stage, emails_valid}
update leads l
set verify_state = d.verify_state, stage = d.stage, emails_valid = d.emails_valid
from jsonb_to_recordset($1) as d (lead bigint, verify_state text, stage text, emails_valid int)
where l.id = d.lead
