"""How long reading a campaign's status takes: small against large, and against counting the rows while 32 finish."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any
from uuid import UUID

from bench import databases
from bench.grown import Grown, grow
from bench.measure import Ratio, ratio, rounds
from orbweave.campaigns import service
from orbweave.store import counters
from orbweave.store.database import Database

SMALL = 10
CLAIMED_BY = UUID(int=0xB0B)
READ_EVERY = 0.01
COUNT = "select type, state, count(*) from jobs where campaign_id = $1 group by type, state"
"""The cheapest of the counts that a status without counters needs: from an index, vacuumed just before."""


@dataclass(frozen=True, slots=True)
class Campaigns:
    db: Database
    small: Grown
    large: Grown
    businesses: int


@asynccontextmanager
async def campaigns(*, quick: bool) -> AsyncIterator[Campaigns]:
    businesses = 100_000 if quick else 1_000_000
    async with databases.server() as server, databases.database(server) as db:
        small = await grow(db, "small", SMALL, slots=1)
        # Enough open crawls for the finishers, which find them claimed and begun.
        large = await grow(
            db, "large", businesses, open_sites=businesses // 20, state="processing", claimed_by=CLAIMED_BY
        )
        await agree(db)
        yield Campaigns(db, small, large, businesses)


async def run(*, quick: bool) -> list[Ratio]:
    async with campaigns(quick=quick) as found:
        size = await by_size(found, 7 if quick else 21)
        return [size, *await under_load(found, 1 if quick else 3, 4.0 if quick else 8.0)]


async def by_size(of: Campaigns, n: int) -> Ratio:
    async def read(which: Grown) -> float:
        return median([await timed(lambda: service.status(of.db, which.client_id, which.campaign_id)) for _ in range(200)])

    large, small = await rounds(n, lambda: read(of.large), lambda: read(of.small))
    return Ratio(
        "status",
        f"status of a campaign of {of.businesses:,} businesses / of {SMALL}, latency",
        ratio(large, small),
        "<=",
        1.2,
        f"{median(large) * 1e3:.2f} ms / {median(small) * 1e3:.2f} ms",
    )


async def under_load(of: Campaigns, n: int, seconds: float) -> list[Ratio]:
    reads: dict[str, list[float]] = {"status": [], "count": []}
    status: Callable[[], Awaitable[Any]] = lambda: service.status(of.db, of.large.client_id, of.large.campaign_id)
    count: Callable[[], Awaitable[Any]] = lambda: of.db.pool.fetch(COUNT, of.large.campaign_id)

    async def with_counters() -> float:
        return await load(of, seconds, status, reads["status"])

    async def without_counters() -> float:
        return await load(of, seconds, status, [], "--without-counters")

    async def while_counting() -> float:
        return await load(of, seconds, count, reads["count"])

    counted, bare, _ = await rounds(n, with_counters, without_counters, while_counting)
    await agree(of.db)
    status_p95, count_p95 = (quantiles(reads[name], n=20)[-1] for name in ("status", "count"))
    return [
        Ratio(
            "status",
            f"status / count(*) of {of.businesses:,} businesses, latency while 32 finish on that campaign",
            median(reads["status"]) / median(reads["count"]),
            "<=",
            0.2,
            f"{median(reads['status']) * 1e3:.1f} ms / {median(reads['count']) * 1e3:.0f} ms"
            f" (p95 {status_p95 * 1e3:.1f} / {count_p95 * 1e3:.0f})",
        ),
        Ratio(
            "status",
            "completions with counters / without, 32 finishers on one campaign, rate",
            ratio(counted, bare),
            ">=",
            0.8,
            f"{median(counted):.0f} /s / {median(bare):.0f} /s",
        ),
    ]


async def load(
    of: Campaigns, seconds: float, read: Callable[[], Awaitable[Any]], times: list[float], *options: str
) -> float:
    """Let 32 finishers work in a process of their own while we read; their completions a second."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.finishers", of.db.dsn, str(CLAIMED_BY), str(seconds), *options,
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


async def timed(what: Callable[[], Awaitable[Any]]) -> float:
    started = time.perf_counter()
    await what()
    return time.perf_counter() - started


async def agree(db: Database) -> None:
    if differences := await counters.differences(db):
        raise RuntimeError(f"Counters and rows differ: {differences}")
