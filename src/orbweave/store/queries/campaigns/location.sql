select location_id, ord, search_string, display_name, state, job, retries
from campaign_locations where campaign_id = $1 and location_id = $2 for update
