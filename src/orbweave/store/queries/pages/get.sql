select url, final_url, status, content_type, etag, last_modified, fetched_at, body from pages where url = $1
