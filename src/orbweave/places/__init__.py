"""Places in bulk: extracts downloaded, imported into the database, kept up to date, and read from there."""
