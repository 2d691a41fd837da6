"""The queue: no-op jobs against a hand-written batch loop, whole jobs against one transaction a job."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import asyncpg

from bench.harness import Ratio, Scale, database, in_turn
from orbweave.campaigns.advance import Advance
from orbweave.jobs.maintenance import Maintenance
from orbweave.jobs.queue import enqueue
from orbweave.jobs.steps.site import SiteStep
from orbweave.jobs.worker import Limits, Worker
from orbweave.store import counters
from orbweave.store.clients import create_client
from orbweave.store.database import Database
from orbweave.store.events import Event, record

LIMITS = Limits(concurrency=512, batch=256)


async def bench(scale: Scale) -> AsyncIterator[Ratio]:
    async with database() as db:
        yield await no_op(db, scale)
        yield await whole(db, scale)


async def work_off(db: Database, worker: Worker, done: asyncio.Event) -> float:
    """Seconds until ``done``, from the moment the worker starts."""
    stop = asyncio.Event()
    started = time.perf_counter()
    task = asyncio.create_task(worker.run(stop))
    await done.wait()
    seconds = time.perf_counter() - started
    stop.set()
    await task
    return seconds


class NoOp:
    """A step that does nothing, to measure the port alone."""

    entrypoint: ClassVar[str] = "noop"

    def __init__(self, n: int) -> None:
        self._left = n
        self.done = asyncio.Event()

    async def begin(self, conn: asyncpg.Connection, keys: Sequence[str], worker_id: str) -> Mapping[str, str]:
        return {key: key for key in keys}

    def attempt(self, work: str) -> int:
        return 1

    def jobs(self, work: str) -> frozenset[int]:
        return frozenset()

    async def run(self, work: str) -> None:
        return None

    async def end(self, conn: asyncpg.Connection, ended: Sequence[Any]) -> Mapping[str, timedelta]:
        self._left -= len(ended)
        if self._left <= 0:
            self.done.set()
        return {}


async def no_op(db: Database, scale: Scale) -> Ratio:
    """The loop claims 10 at a time, which is what pgqueuer and most hand-written loops do by default; larger batches
    make it faster, as the detail says."""
    n = scale.rows(20_000)
    await db.pool.execute(
        "create table plain (id bigserial primary key, priority int not null default 0, payload bytea,"
        " entrypoint text not null default 'noop', status text not null default 'queued',"
        " execute_after timestamptz not null default now())"
    )
    await db.pool.execute("create index on plain (entrypoint, priority desc, id) where status = 'queued'")

    async def ours() -> float:
        async with db.transaction() as conn:
            await enqueue(conn, "noop", [(str(key), 0) for key in range(n)])
        step = NoOp(n)
        return n / await work_off(db, Worker(db, [step], Maintenance(db, []), LIMITS), step.done)

    async def handle(row: asyncpg.Record) -> None:
        pass

    async def by_hand(batch: int) -> float:
        await db.pool.execute(
            "insert into plain (payload) select convert_to(n::text, 'UTF8') from generate_series(1, $1::int) n", n
        )
        started = time.perf_counter()
        async with db.pool.acquire() as conn:
            while rows := await conn.fetch(
                "update plain set status = 'picked' where id in (select id from plain where status = 'queued'"
                " and entrypoint = 'noop' and execute_after <= now() order by priority desc, id limit $1"
                " for update skip locked) returning *",
                batch,
            ):
                await asyncio.gather(*map(handle, rows))
                await conn.execute("delete from plain where id = any ($1)", [row["id"] for row in rows])
        return n / (time.perf_counter() - started)

    port, hand, hand64 = await in_turn(scale.rounds, ours, lambda: by_hand(10), lambda: by_hand(64))
    detail = f"{port:,.0f} / {hand:,.0f} jobs a second, one process; claiming 64 at a time the loop does {hand64:,.0f}"
    return Ratio("no-op jobs through our port / batch SKIP LOCKED loop", port / hand, 0.4, detail=detail)


async def whole(db: Database, scale: Scale) -> Ratio:
    """A crawl ends: fence, result, event, verify job with its check and queue row, counters, acknowledgement."""
    n = scale.rows(4_000)
    client = (await create_client(db, "bench")).client_id
    spec = {"query": "q", "country_code": "LI", "workflow": {"site": {"enabled": True}, "verify": {"enabled": True}}}

    async def campaign(name: str) -> None:
        await db.pool.execute("truncate jobs, results, checks, events, campaign_count, pgqueuer, pgqueuer_log")
        await db.pool.execute("delete from campaigns")
        async with db.transaction() as conn:
            await conn.execute(
                "insert into campaigns (campaign_id, client_id, query, country_code, filter, spec, max_inflight)"
                " values ($1, $2, 'q', 'LI', '{}', $3, 1)",
                name,
                client,
                spec,
            )
            await conn.execute(
                "insert into jobs (client_id, type, campaign_id, key, payload, payload_hash)"
                " select $1, 'site', $2, 'h' || n, jsonb_build_object('url', 'https://h' || n),"
                " decode(md5(n::text), 'hex') from generate_series(1, $3::int) n",
                client,
                name,
                n,
            )
            await enqueue(conn, "site", [(f"h{key}", 0) for key in range(1, n + 1)])
            await counters.add(conn, 0, {name: Counter(sites_queued=n)})

    def page(url: str) -> dict[str, Any]:
        return {"url": url, "crawl_status": "success", "emails": [f"info@{url[8:]}.example"], "metadata": {}}

    async def ours() -> float:
        await campaign("ours")
        done, left = asyncio.Event(), n

        class Advancing(Advance):
            async def sites_ended(self, conn: asyncpg.Connection, ends: Any) -> None:
                nonlocal left
                await super().sites_ended(conn, ends)
                left -= len(ends)
                if left <= 0:
                    done.set()

        async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
            return page(payload["url"])

        worker = Worker(db, [SiteStep(crawl, Advancing(1))], Maintenance(db, []), Limits(concurrency=256))
        return n / await work_off(db, worker, done)

    async def by_hand() -> float:
        """The same rows, as most people write it: claim one, do it, one transaction for what follows; 8 at a time."""
        await campaign("hand")
        started = time.perf_counter()

        async def loop() -> None:
            while True:
                async with db.transaction() as conn:
                    claim = await conn.fetchrow(
                        "update pgqueuer set status = 'picked' where id = (select id from pgqueuer where status ="
                        " 'queued' and entrypoint = 'site' order by id limit 1 for update skip locked) returning *"
                    )
                    if claim is None:
                        return
                    job = await conn.fetchrow(
                        "update jobs set state = 'processing', attempt = attempt + 1 where type = 'site' and key = $1"
                        " and state in ('queued', 'processing') returning *",
                        claim["payload"].decode(),
                    )
                async with db.transaction() as conn:
                    await conn.execute("select from pgqueuer where id = $1 for update", claim["id"])
                    data = page(job["payload"]["url"])
                    await conn.execute("insert into results values ($1, $2)", job["id"], data)
                    verify = await conn.fetchval(
                        "insert into jobs (client_id, type, campaign_id, payload, payload_hash) values"
                        " ($1, 'verify', 'hand', $2, '') returning id",
                        client,
                        {"emails": data["emails"]},
                    )
                    await conn.execute(
                        "insert into checks (job, campaign_id, ord, address, domain) values ($1, 'hand', 0, $2, $3)",
                        verify,
                        data["emails"][0],
                        data["emails"][0].partition("@")[2],
                    )
                    await enqueue(conn, "verify", [(data["emails"][0].partition("@")[2], 0)])
                    await conn.execute(
                        "update jobs set state = 'completed', emails = 1, verify_job = $2, finished_at = now()"
                        " where id = $1",
                        job["id"],
                        verify,
                    )
                    change = Counter(sites_queued=-1, sites_completed=1, emails_found=1, verifies_queued=1)
                    await counters.add(conn, 0, {"hand": change})
                    await record(conn, [Event(client, "job.completed", "hand", str(job["job_id"]))])
                    await conn.execute("delete from pgqueuer where id = $1", claim["id"])

        await asyncio.gather(*(loop() for _ in range(8)))
        return n / (time.perf_counter() - started)

    group, single = await in_turn(scale.rounds, ours, by_hand)
    detail = f"{group:,.0f} / {single:,.0f} jobs a second, one process"
    return Ratio("whole jobs through the committer / one transaction a job", group / single, 2.0, detail=detail)
