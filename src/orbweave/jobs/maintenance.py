"""What every worker looks after now and then; one of them at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import asyncpg
import structlog

from orbweave.jobs.queue import enqueue
from orbweave.store.connect import AWAY
from orbweave.store.database import Database
from orbweave.store.sql import sql

log = structlog.get_logger()

INTERVAL = 1.0
LOCK = 0x0EB3_EA4E
QUEUE_LOG_KEPT = timedelta(hours=1)

Chore = Callable[[asyncpg.Connection], Awaitable[None]]


class Maintenance:
    """Runs ``chores`` in a transaction each, every ``interval`` seconds, on whichever worker gets the lock."""

    def __init__(self, db: Database, chores: Sequence[Chore], *, interval: float = INTERVAL) -> None:
        self._db = db
        self._chores = chores
        self._interval = interval

    async def run(self, beat: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await beat()
                await self.once()
            except AWAY as error:
                log.warning("maintenance waits, the database is away", error=repr(error))
            except Exception:
                log.exception("maintenance failed")
            await asyncio.sleep(self._interval)

    async def once(self) -> None:
        for chore in self._chores:
            async with self._db.transaction() as conn:
                if await conn.fetchval("select pg_try_advisory_xact_lock($1)", LOCK):
                    await chore(conn)


def every(seconds: float, chore: Chore) -> Chore:
    """The chore, but on this worker not more often than that."""
    next_time = 0.0

    async def now_and_then(conn: asyncpg.Connection) -> None:
        nonlocal next_time
        if time.monotonic() >= next_time:
            next_time = time.monotonic() + seconds
            await chore(conn)

    return now_and_then


async def prune_queue_log(conn: asyncpg.Connection) -> None:
    await conn.execute(sql("queue/prune_log"), QUEUE_LOG_KEPT)


def prune_verdicts(days: float) -> Chore:
    """Those that are too old to be reused."""

    async def prune(conn: asyncpg.Connection) -> None:
        await conn.execute(sql("verdicts/prune"), timedelta(days=days))

    return prune


async def requeue_forgotten(conn: asyncpg.Connection) -> None:
    """Work that waits in our tables while the queue does not know of it (a restored dump, an emptied queue)."""
    for row in await conn.fetch(sql("queue/forgotten")):
        await enqueue(conn, row["entrypoint"], [(row["key"], row["priority"])])
