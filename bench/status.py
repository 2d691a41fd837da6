"""The status read: the same for ten and for a million businesses, and while 32 finishers write to the campaign."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from bench.grown import Grown, grow
from bench.harness import Ratio, Scale, database, in_turn, server
from orbweave.campaigns import service
from orbweave.store import counters
from orbweave.store.database import Database

SMALL = 10
READS = 200
READ_EVERY = 0.01
CLAIMED_BY = UUID(int=0xB0B)
COUNT = "select type, state, count(*) from jobs where campaign_id = $1 group by type, state"
"""The cheapest of the counts that a status without counters needs: from an index alone, vacuumed just before."""

Read = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Campaigns:
    db: Database
    small: Grown
    large: Grown
    businesses: int


async def bench(scale: Scale) -> AsyncIterator[Ratio]:
    async with server() as running, database(running) as db:
        businesses = scale.rows(1_000_000)
        # The small one was written by one worker, the large one by as many as there are slots.
        small = await grow(db, "small", SMALL, slots=1)
        # Its open crawls are claimed and begun, for the finishers.
        large = await grow(db, "large", businesses, open_sites=scale.rows(100_000), claimed_by=CLAIMED_BY)
        await agree(db)
        both = Campaigns(db, small, large, businesses)
        yield await by_size(both, scale)
        async for ratio in under_load(both, scale):
            yield ratio
        await agree(db)


async def by_size(of: Campaigns, scale: Scale) -> Ratio:
    async def reads(which: Grown) -> float:
        read = partial(service.status, of.db, which.client_id, which.campaign_id)
        return median([await timed(read) for _ in range(READS)])

    large, small = await in_turn(7 * scale.rounds(3), partial(reads, of.large), partial(reads, of.small))
    what = f"status of a campaign of {of.businesses:,} businesses / of {SMALL}"
    return Ratio(what, large / small, 1.2, at_most=True, detail=f"{large * 1e3:.2f} ms / {small * 1e3:.2f} ms")


async def under_load(of: Campaigns, scale: Scale) -> AsyncIterator[Ratio]:
    seconds = 1.5 if scale.quick else 7.0
    status = partial(service.status, of.db, of.large.client_id, of.large.campaign_id)
    count = partial(of.db.pool.fetch, COUNT, of.large.campaign_id)
    reads: list[float] = []
    counts: list[float] = []
    await load(of.db, 2.0, status, [])  # the first finishers find cold caches
    with_counters, without, _ = await in_turn(
        3,
        lambda: load(of.db, seconds, status, reads),
        lambda: load(of.db, seconds, status, [], "--without-counters"),
        lambda: load(of.db, seconds, count, counts),
    )
    read, counted = median(reads), median(counts)
    worst, worst_counted = (quantiles(times, n=20)[-1] for times in (reads, counts))
    detail = (
        f"{read * 1e3:.1f} ms / {counted * 1e3:.0f} ms, p95 {worst * 1e3:.1f} ms / {worst_counted * 1e3:.0f} ms,"
        f" {of.businesses:,} businesses, 32 finishers"
    )
    yield Ratio("status read under load / count(*)", read / counted, 0.2, at_most=True, detail=detail)
    detail = f"{with_counters:,.0f} / {without:,.0f} crawls ended a second, 32 finishers on one campaign"
    yield Ratio("completion rate with counters / without", with_counters / without, 0.8, detail=detail)


async def load(db: Database, seconds: float, read: Read, times: list[float], *options: str) -> float:
    """Read while 32 finishers work in a process of their own; their completions a second."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.finishers", db.dsn, str(CLAIMED_BY), str(seconds), *options,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    await process.stdout.readline()  # ready
    ended = asyncio.create_task(process.stdout.readline())
    while not ended.done():
        times.append(await timed(read))
        await asyncio.sleep(READ_EVERY)
    if await process.wait():
        raise RuntimeError("The finishers failed; their words are above.")
    rate: float = json.loads(ended.result())
    return rate


async def timed(what: Read) -> float:
    started = time.perf_counter()
    await what()
    return time.perf_counter() - started


async def agree(db: Database) -> None:
    if differences := await counters.differences(db):
        raise RuntimeError(f"Counters and rows differ: {differences}")
