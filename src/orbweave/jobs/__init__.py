"""Our job types and their life (start, finish, retry, cancel, recover) over the queue. No campaign rules."""
