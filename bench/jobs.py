"""Jobs a second through our queue, against loops written by hand on the same server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import asyncpg

from bench import by_hand
from bench.grown import grow
from bench.harness import Ratio, Scale, database, in_turn, server
from bench.work import crawled
from orbweave.app import running_worker
from orbweave.campaigns.advance import Advance
from orbweave.jobs.maintenance import Maintenance
from orbweave.jobs.steps.base import Step
from orbweave.jobs.steps.site import SiteStep
from orbweave.jobs.worker import Limits, Worker
from orbweave.store import counters
from orbweave.store.database import Database
from orbweave.store.embedded import EmbeddedPostgres


class Countdown:
    """Waits for n ends."""

    def __init__(self, n: int) -> None:
        self._left = n
        self._ended = asyncio.Event()

    def count(self, n: int) -> None:
        self._left -= n
        if self._left <= 0:
            self._ended.set()

    async def wait(self) -> None:
        await self._ended.wait()


class Nothing:
    """A step that does nothing and writes nothing: what remains is the queue."""

    entrypoint: ClassVar[str] = "nothing"

    def __init__(self, countdown: Countdown) -> None:
        self._countdown = countdown

    async def begin(self, conn: asyncpg.Connection[Any], keys: Sequence[str], worker_id: str) -> Mapping[str, str]:
        return {key: key for key in keys}

    def attempt(self, work: str) -> int:
        return 1

    def jobs(self, work: str) -> frozenset[int]:
        return frozenset()

    async def run(self, work: str) -> None:
        pass

    async def end(self, conn: asyncpg.Connection[Any], ended: Sequence[Any]) -> Mapping[str, timedelta]:
        self._countdown.count(len(ended))
        return {}


class CountedSites(SiteStep):
    def __init__(self, countdown: Countdown) -> None:
        async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
            return crawled(payload)

        super().__init__(crawl, Advance(0))
        self._countdown = countdown

    async def end(self, conn: asyncpg.Connection[Any], ended: Sequence[Any]) -> Mapping[str, timedelta]:
        again = await super().end(conn, ended)
        self._countdown.count(len(ended))
        return again


async def bench(scale: Scale) -> AsyncIterator[Ratio]:
    async with server() as running:
        async for ratio in no_op(running, scale):
            yield ratio
        async for ratio in whole(running, scale):
            yield ratio


async def no_op(running: EmbeddedPostgres, scale: Scale) -> AsyncIterator[Ratio]:
    n = 5_000 if scale.quick else 20_000

    async def ours() -> float:
        async with database(running) as db:
            await db.pool.execute(_ENQUEUE, n)
            await db.pool.execute("vacuum (analyze) pgqueuer")
            countdown = Countdown(n)
            return n / await worked(db, Nothing(countdown), countdown)

    async def loop(batch: int) -> float:
        async with database(running) as db:
            await by_hand.make_queue(db, n)
            started = time.perf_counter()
            await by_hand.batches(db, batch)
            return n / (time.perf_counter() - started)

    port, ten, many = await in_turn(scale.rounds(3), ours, lambda: loop(10), lambda: loop(64))
    what = "no-op jobs through our port / batch SKIP LOCKED loop"
    yield Ratio(f"{what}, 10 a batch", port / ten, 0.4, detail=f"{port:,.0f} / {ten:,.0f} jobs a second")
    yield Ratio(f"{what}, 64 a batch", port / many, detail=f"{port:,.0f} / {many:,.0f} jobs a second")


async def whole(running: EmbeddedPostgres, scale: Scale) -> AsyncIterator[Ratio]:
    """A crawl ends: fence, result, verify job with its check and queue row, event, counters, acknowledgement."""
    n = 2_000 if scale.quick else 5_000

    async def ours() -> float:
        async with database(running) as db:
            await grow(db, "whole", 2 * n, open_sites=n)
            countdown = Countdown(n)
            seconds = await worked(db, CountedSites(countdown), countdown)
            await same_end(db, n)
            return n / seconds

    async def by_loops(loops: int) -> float:
        async with database(running) as db:
            await grow(db, "whole", 2 * n, open_sites=n)
            started = time.perf_counter()
            await by_hand.one_by_one(db, loops)
            seconds = time.perf_counter() - started
            await same_end(db, n)
            return n / seconds

    group, one, many = await in_turn(scale.rounds(5), ours, lambda: by_loops(1), lambda: by_loops(by_hand.MANY))
    what = "whole jobs through the committer / one transaction a job"
    yield Ratio(f"{what}, one loop", group / one, 2.0, detail=f"{group:,.0f} / {one:,.0f} jobs a second")
    yield Ratio(f"{what}, {by_hand.MANY} loops", group / many, detail=f"{group:,.0f} / {many:,.0f} jobs a second")


async def worked(db: Database, step: Step[Any, Any], countdown: Countdown) -> float:
    """Seconds a worker with the default limits takes."""
    started = time.perf_counter()
    async with running_worker(Worker(db, [step], Maintenance(db, []), Limits())):
        await countdown.wait()
        return time.perf_counter() - started


async def same_end(db: Database, jobs: int) -> None:
    """Both leave the same rows."""
    rows = {
        table: await db.pool.fetchval(f"select count(*) from {table}")
        for table in ("results", "checks", "events", "pgqueuer")
    }
    if rows != dict.fromkeys(rows, jobs) or await counters.differences(db):
        raise RuntimeError(f"{jobs} jobs left {rows}, counters differ by {await counters.differences(db)}")


_ENQUEUE = """
insert into pgqueuer (priority, entrypoint, payload, dedupe_key, execute_after, status)
select 0, 'nothing', convert_to(n::text, 'UTF8'), 'nothing:' || n, now(), 'queued' from generate_series(1, $1) as n
"""
