"""32 finishers on one campaign, each ending one crawl a transaction, all that they can for some seconds.

    python -m bench.finishers DSN QUEUE_MANAGER_ID SECONDS [--without-counters]

takes crawls that are claimed by that queue manager and begun; prints "ready", then the completions a second. Without
counters the changes are kept aside and applied in the end, off the clock, so that counters and rows agree again.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
from pgqueuer.domain.models import Job as Claim

from bench.work import crawled, unused
from orbweave.campaigns.advance import Advance
from orbweave.jobs.model import Begun, Done
from orbweave.jobs.queue import fence, key_of, settle
from orbweave.jobs.steps.base import begun
from orbweave.jobs.steps.site import SiteStep
from orbweave.store import counters
from orbweave.store.database import Database

FINISHERS = 32
SUPPLY = 20_000

CLAIMS = "select * from pgqueuer where queue_manager_id = $1 and status = 'picked' order by id limit $2"
JOBS = """
select id, job_id, client_id, campaign_id, location_id, key, payload, priority, attempt, true as fresh
from jobs where type = 'site' and state = 'processing' and key = any ($1)
"""


async def finish(db: Database, manager: UUID, seconds: float) -> float:
    claims = [Claim.model_validate(dict(row)) for row in await db.pool.fetch(CLAIMS, manager, SUPPLY)]
    jobs = {row["key"]: begun(row) for row in await db.pool.fetch(JOBS, [key_of(claim) for claim in claims])}
    print("ready", flush=True)
    started = time.perf_counter()
    done = 0

    async def finisher(slot: int) -> None:
        nonlocal done
        step = SiteStep(unused, Advance(slot))
        while claims and time.perf_counter() - started < seconds:
            claim = claims.pop()
            await end(db, step, claim, jobs[key_of(claim)], manager)
            done += 1

    await asyncio.gather(*map(finisher, range(FINISHERS)))
    if not claims:
        raise RuntimeError(f"{SUPPLY} crawls were not enough for {seconds} s")
    return done / (time.perf_counter() - started)


async def end(db: Database, step: SiteStep, claim: Claim, job: Begun, manager: UUID) -> None:
    async with db.transaction() as conn:
        if claim.id in await fence(conn, [claim], manager):
            again = await step.end(conn, [(key_of(claim), (job,), Done([crawled(job.payload)]))])
            await settle(conn, [claim], again)


async def main(dsn: str, manager: UUID, seconds: float, with_counters: bool) -> None:
    kept: dict[str, Counter[str]] = defaultdict(Counter)
    add = counters.add

    async def keep(_: asyncpg.Connection[Any], slot: int, deltas: Mapping[str, Mapping[str, int]]) -> None:
        for campaign_id, change in deltas.items():
            kept[campaign_id].update(change)

    if not with_counters:
        counters.add = keep  # type: ignore[assignment]
    async with await Database.connect(dsn, max_connections=FINISHERS) as db:
        rate = await finish(db, manager, seconds)
        async with db.transaction() as conn:
            await add(conn, 0, kept)
    print(rate, flush=True)


if __name__ == "__main__":
    _, dsn, manager, seconds, *options = sys.argv
    asyncio.run(main(dsn, UUID(manager), float(seconds), "--without-counters" not in options))
