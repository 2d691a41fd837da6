"""The whole practice campaign, by Orbweave and by a plain sequential script (bench/sequential.py).

Everything that remembers (resolver and verifier caches, greylisting) is new for each: its own practice internet, its
own server. The clock runs from the submission to the end of the campaign; neither side's start is counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.harness import Ratio, Scale, in_turn, temporary_home
from orbweave.cli import local
from orbweave.cli.client import CAMPAIGNS, Api, campaign
from orbweave.practice import Practice
from orbweave.store.connect import connect
from orbweave.store.embedded import EmbeddedPostgres

COUNTRY = "LI"
BODY = {
    "query": "restaurants",
    "country_code": COUNTRY,
    "dispatch": {"mode": "auto"},
    "workflow": {"spidersite": {"enabled": True, "max_pages": 10}, "spiderverify": {"enabled": True}},
}
WORKERS = 2
POLL = 0.05


async def bench(scale: Scale) -> AsyncIterator[Ratio]:
    yield await compare(0.2, scale.rounds(2), target=5.0)
    if not scale.quick:
        yield await compare(0.02, 1, target=None)


async def compare(latency: float, rounds: int, target: float | None) -> Ratio:
    """``latency``: seconds before each answer of the practice servers."""
    work: dict[str, dict[str, int]] = {}

    async def sequential() -> float:
        async with Practice(COUNTRY, latency=latency) as practice:
            done = await script(practice.settings())
        seconds = done.pop("seconds")
        work["script"] = {name: int(number) for name, number in done.items()}
        return seconds

    async def orbweave() -> float:
        async with Practice(COUNTRY, latency=latency) as practice, serving(practice.settings()) as api:
            seconds, work["orbweave"] = await asyncio.to_thread(drive, api)
        return seconds

    plain, ours = await in_turn(rounds, sequential, orbweave)
    if work["script"] != work["orbweave"]:
        raise RuntimeError(f"The two did not do the same work: {work}")
    detail = f"{plain:.1f} s / {ours:.1f} s for {work['orbweave']['sites']} websites"
    return Ratio(
        f"plain script / campaign, servers that answer after {latency * 1e3:.0f} ms",
        plain / ours,
        target,
        detail=detail,
    )


async def script(settings: dict[str, str]) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.sequential", json.dumps(BODY),
        env={**os.environ, **settings}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("The sequential script failed; its words are above.")
    done: dict[str, float] = json.loads(output)
    return done


@asynccontextmanager
async def serving(settings: dict[str, str]) -> AsyncIterator[Api]:
    """``orbweave serve`` in a home of its own, its workers up."""
    environment = {**settings, "ORBWEAVE_WORKERS": str(WORKERS), "DATABASE_URL": "", "ORBWEAVE_DATABASE_URL": ""}
    async with temporary_home() as home:
        started = local.start(home, 0, environment)
        api, _ = await asyncio.to_thread(started.__enter__)
        try:
            await workers_up(EmbeddedPostgres(home).dsn())
            yield api
        finally:
            await asyncio.to_thread(started.__exit__, None, None, None)


async def workers_up(dsn: str) -> None:
    async with connect(dsn) as connection:
        while await connection.fetchval("select count(*) from workers") < WORKERS:
            await asyncio.sleep(POLL)


def drive(api: Api) -> tuple[float, dict[str, int]]:
    """Submit the campaign and wait for its end: the seconds, and what was done."""
    started = time.perf_counter()
    campaign_id = api.post(f"{CAMPAIGNS}/submit", BODY)["campaign_id"]
    while (status := api.get(campaign(campaign_id, "status")))["status"] != "completed":
        time.sleep(POLL)
    seconds = time.perf_counter() - started
    workflow = status["workflow_progress"]
    results = api.get(campaign(campaign_id, "workflow-results"), include_pending=True, page_size=1)
    return seconds, {
        "locations": status["progress"]["completed"],
        "leads": results["total_businesses"],
        "sites": workflow["sites_completed"] + workflow["sites_failed"],
        "emails": workflow["emails_found"],
        "verified": workflow["emails_verified"],
        "valid": results["total_valid_emails"],
    }
