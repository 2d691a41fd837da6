"""PostgreSQL: embedded server, pool, migrations and named queries. No decisions."""
