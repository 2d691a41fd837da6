"""Rows of jobs, results and checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import asyncpg

from orbweave.store.sql import sql


async def allocate_ids(conn: asyncpg.Connection, n: int) -> list[int]:
    return [row["id"] for row in await conn.fetch(sql("jobs/allocate_ids"), n)] if n else []


async def insert(conn: asyncpg.Connection, rows: Sequence[dict[str, Any]]) -> list[asyncpg.Record]:
    """Insert queued jobs {id, client_id, type, campaign_id, location_id, key, payload, priority, admitted}; id may be
    left out. Answers {id, job_id, campaign_id, key, priority, admitted} of those inserted: a campaign's crawl of a
    website that it crawls already is not."""
    return list(await conn.fetch(sql("jobs/insert"), list(rows))) if rows else []


async def finish(conn: asyncpg.Connection, ends: Sequence[tuple[int, str, str | None, int]]) -> set[int]:
    """End jobs given as (id, state, error, emails). Answers those that really were processing."""
    if not ends:
        return set()
    return {row["id"] for row in await conn.fetch(sql("jobs/finish"), *zip(*ends, strict=True))}


async def requeue(conn: asyncpg.Connection, jobs: Sequence[tuple[int, str | None, timedelta]]) -> set[int]:
    """Queue jobs given as (id, error or None, delay) once more, not to be started before the delay is over."""
    if not jobs:
        return set()
    return {row["id"] for row in await conn.fetch(sql("jobs/requeue"), *zip(*jobs, strict=True))}


async def put_results(conn: asyncpg.Connection, results: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """A compendium is kept apart from the rest of its result."""
    rows = [
        {"job": job, "data": {**data, "markdown_compendium": None}, "markdown": data.get("markdown_compendium")}
        for job, data in results
    ]
    if rows:
        await conn.execute(sql("jobs/put_results"), rows)


async def admit(conn: asyncpg.Connection, campaign_id: str, type: str, n: int) -> list[tuple[int, str, int]]:
    """The next ``n`` jobs of the campaign that the queue did not know of: (id, key, priority)."""
    rows = await conn.fetch(sql("jobs/admit"), campaign_id, type, n)
    return [(row["id"], row["key"], row["priority"]) for row in rows]


async def insert_checks(conn: asyncpg.Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        await conn.execute(sql("checks/insert"), list(rows))


async def checks_done(conn: asyncpg.Connection, verdicts: Sequence[tuple[int, dict[str, Any], bool]]) -> list[int]:
    """Store verdicts of (check, verdict, whether it was known before); new ones are kept for the client's next check
    of the address. Answers the jobs of those stored, one entry a check."""
    if not verdicts:
        return []
    names = ("id", "verdict", "reused")
    rows = await conn.fetch(sql("checks/done"), [dict(zip(names, one, strict=True)) for one in verdicts])
    return [row["job"] for row in rows]


async def checks_later(
    conn: asyncpg.Connection, delays: Sequence[tuple[int, timedelta]], *, answers: int = 0, attempts: int = 0
) -> None:
    """Put off checks given as (id, delay); ``answers`` and ``attempts`` are added to what is counted of them."""
    if delays:
        await conn.execute(sql("checks/later"), *zip(*delays, strict=True), answers, attempts)
