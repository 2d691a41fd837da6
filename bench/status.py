"""The status read: the same for ten and for a million businesses, and while 32 finishers write to the campaign."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import patch

import asyncpg

from bench.harness import Ratio, Scale, database, in_turn
from orbweave.campaigns import service
from orbweave.campaigns.advance import Advance
from orbweave.jobs.followers import SiteEnd
from orbweave.jobs.group_commit import GroupCommit
from orbweave.jobs.steps.base import begun
from orbweave.store import counters, jobs
from orbweave.store.clients import create_client
from orbweave.store.database import Database
from orbweave.store.sql import sql

FINISHERS = 32

COUNT = """
select
    (select count(*) from leads where campaign_id = $1) as businesses,
    count(*) filter (where state in ('queued', 'processing')) as sites_queued,
    count(*) filter (where state = 'completed') as sites_completed,
    count(*) filter (where state = 'failed') as sites_failed
from jobs where campaign_id = $1 and type = 'site'
"""


async def bench(scale: Scale) -> AsyncIterator[Ratio]:
    async with database() as db:
        client = (await create_client(db, "bench")).client_id
        million = scale.rows(1_000_000)
        await fill(db, client, "small", 10, 0)
        await fill(db, client, "large", million, scale.rows(600_000))
        assert await counters.differences(db) == []
        yield await size(db, client, million, scale)
        async for ratio in under_load(db, client, million, scale):
            yield ratio


async def fill(db: Database, client: str, campaign: str, leads: int, open_sites: int) -> None:
    """A campaign of so many leads, each with a website; the last ``open_sites`` crawls are still to be done."""
    async with db.transaction() as conn:
        await conn.execute(
            "insert into campaigns (campaign_id, client_id, query, country_code, filter, spec, max_inflight)"
            " values ($1, $2, 'q', 'LI', '{}', $3, 1)",
            campaign,
            client,
            {"query": "q", "country_code": "LI"},
        )
        await conn.execute(
            "insert into campaign_locations (campaign_id, location_id, ord, search_string, display_name, state)"
            " values ($1, 1, 1, 'q', 'q', 'failed')",
            campaign,
        )
        await conn.execute(
            "insert into jobs (client_id, type, campaign_id, location_id, key, payload, payload_hash, state, admitted)"
            " select $1, 'site', $2, 1, $2 || n, '{}', decode(md5($2 || n), 'hex'),"
            " case when n > $3::int - $4::int then 'processing' else 'completed' end, true"
            " from generate_series(1, $3::int) n",
            client,
            campaign,
            leads,
            open_sites,
        )
        await conn.execute(
            "insert into leads (campaign_id, business_key, ord, location_id, place, domain, site_hash)"
            " select $1, n::text, 1, 1, '{}', 'd', decode(md5($1 || n), 'hex') from generate_series(1, $2::int) n",
            campaign,
            leads,
        )
        change = Counter(
            failed=1, leads=leads, with_domains=leads, businesses=leads, sites_queued=open_sites,
            sites_completed=leads - open_sites,
        )  # fmt: skip
        # As after many finishers: every slot has its row.
        await counters.add(conn, 0, {campaign: change})
        for slot in range(1, counters.SLOTS):
            await counters.add(conn, slot, {campaign: Counter(leads=1)})
            await counters.add(conn, slot, {campaign: Counter(leads=-1)})
    await db.pool.execute("vacuum analyze")


async def size(db: Database, client: str, million: int, scale: Scale) -> Ratio:
    async def read(campaign: str) -> float:
        started = time.perf_counter()
        for _ in range(200):
            await service.status(db, client, campaign)
        return (time.perf_counter() - started) / 200

    large, small = await in_turn(scale.rounds, lambda: read("large"), lambda: read("small"))
    detail = f"{large * 1e3:.2f} ms / {small * 1e3:.2f} ms"
    return Ratio(f"status of {million:,} businesses / of 10", large / small, 1.2, at_most=True, detail=detail)


class Finishers:
    """32 workers that end crawls of one campaign, one after the other, each with a group commit of its own."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.finished = 0
        self._left: list[asyncpg.Record] = []

    @asynccontextmanager
    async def working(self, count: bool) -> AsyncIterator[None]:
        async def nothing(*_: object) -> None:
            pass

        with patch.object(counters, "add", counters.add if count else nothing):
            tasks = [asyncio.create_task(self._finish(slot)) for slot in range(FINISHERS)]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def load(self) -> None:
        self._left = await self.db.pool.fetch(
            "select *, true as fresh from jobs where state = 'processing' and campaign_id = 'large' order by id desc"
        )

    async def _finish(self, slot: int) -> None:
        advance = Advance(slot)

        async def end(conn: asyncpg.Connection, rows: list[asyncpg.Record]) -> list[None]:
            done = await jobs.finish(conn, [(row["id"], "completed", None, 0) for row in rows])
            ends = [SiteEnd(begun(row), []) for row in rows if row["id"] in done]
            await advance.sites_ended(conn, ends)
            return [None] * len(rows)

        commit = GroupCommit(self.db, end, limit=8)  # type: ignore[arg-type]
        while len(self._left) >= 8:
            batch = [self._left.pop() for _ in range(8)]
            await asyncio.gather(*(commit(row) for row in batch))
            self.finished += len(batch)


async def under_load(db: Database, client: str, million: int, scale: Scale) -> AsyncIterator[Ratio]:
    finishers = Finishers(db)
    await finishers.load()
    seconds = 0.5 if scale.quick else 2.0

    async def rate(count: bool) -> float:
        before, started = finishers.finished, time.perf_counter()
        async with finishers.working(count):
            await asyncio.sleep(seconds)
        return (finishers.finished - before) / (time.perf_counter() - started)

    with_counters, without = await in_turn(scale.rounds, lambda: rate(True), lambda: rate(False))
    reader = await asyncpg.connect(db.dsn)

    async def read(query: str, *args: str) -> float:
        started = time.perf_counter()
        await reader.fetch(query, *args)
        return time.perf_counter() - started

    async with finishers.working(True):
        summed, counted = await in_turn(
            scale.rounds * 3,
            lambda: read(sql("campaigns/status"), "large", client),
            lambda: read(COUNT, "large"),
        )
    await reader.close()
    assert len(finishers._left) > FINISHERS, "the finishers ran out of work"
    detail = f"{summed * 1e3:.1f} ms / {counted * 1e3:.1f} ms at {million:,} rows, {FINISHERS} finishers"
    yield Ratio("status read under load / count(*)", summed / counted, 0.2, at_most=True, detail=detail)
    detail = f"{with_counters:,.0f} / {without:,.0f} crawls ended a second, {FINISHERS} finishers on one campaign"
    yield Ratio("completion rate with counters / without", with_counters / without, 0.8, detail=detail)
