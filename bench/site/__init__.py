"""The crawler against its own floor and against others, on the same sites from a local nginx."""
