"""The queue port: enqueue, claim, fence, acknowledge. pgqueuer behind it; see docs/decisions/0002-queue.md.

A queue row stands for a *key* (a maps job, a website, a mail domain), not for a job: there is one row a key, so one
worker at a time crawls a website or talks to a mail domain, and it drains whatever waits for that key in our tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.domain.models import Job as Claim
from pgqueuer.domain.models import TracebackRecord
from pgqueuer.domain.settings import db_settings
from pgqueuer.domain.types import JOB_STATUS
from pgqueuer.queries import Queries

from orbweave.store.sql import sql

NOW = timedelta(0)
CANCEL_CHANNEL = "orbweave_cancel"


class ClaimQueries(Queries):
    """pgqueuer's queries without its own acknowledgement, which is not fenced: it deletes the row of a job that
    another worker has taken over. Acknowledging belongs to our transactions (``settle``)."""

    async def log_jobs(self, job_status: list[tuple[Claim, JOB_STATUS, TracebackRecord | None]]) -> None:
        pass

    async def retry_job(self, job: Claim, delay: timedelta, traceback_record: TracebackRecord | None) -> None:
        pass


async def enqueue(
    conn: asyncpg.Connection, entrypoint: str, keys: Iterable[tuple[str, int]], delay: timedelta = NOW
) -> None:
    """Make the queue know of (key, priority) pairs; a key it knows already keeps its row."""
    pairs = list(keys)
    if pairs:
        names, priorities = zip(*pairs, strict=True)
        await conn.execute(sql("queue/enqueue"), entrypoint, names, priorities, [delay] * len(pairs))


async def fence(conn: asyncpg.Connection, claims: Sequence[Claim], owner: Any) -> set[int]:
    """The ids of those claims that are still ``owner``'s, locked until commit. The others must write nothing."""
    rows = await conn.fetch(sql("queue/fence"), [claim.id for claim in claims], owner)
    return {row["id"] for row in rows}


async def settle(conn: asyncpg.Connection, claims: Sequence[Claim], again: Mapping[str, timedelta]) -> None:
    """Acknowledge fenced claims, but put back those whose key (payload) is in ``again``, after its delay."""
    back = [(claim.id, again[key]) for claim in claims if (key := key_of(claim)) in again]
    if back:
        ids, delays = zip(*back, strict=True)
        await conn.execute(sql("queue/requeue"), ids, delays, db_settings().channel)
    done = [claim for claim in claims if key_of(claim) not in again]
    if done:
        await Queries(AsyncpgDriver(conn)).log_jobs([(claim, "successful", None) for claim in done])


def key_of(claim: Claim) -> str:
    return (claim.payload or b"").decode()
