"""The whole practice campaign, by Orbweave and by a plain sequential script (bench/sequential.py).

Everything that remembers (resolver and verifier caches, greylisting) is new for each: its own practice internet, its
own server. The clock runs from the submission to the end of the campaign; neither side's start is counted.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.measure import Ratio, ratio, rounds
from orbweave.cli import local
from orbweave.cli.client import CAMPAIGNS, Api, campaign
from orbweave.practice import Practice
from orbweave.store.connect import connect
from orbweave.store.embedded import EmbeddedPostgres

WORKERS = 2
POLL = 0.05


def body(country: str) -> dict[str, Any]:
    return {
        "query": "restaurants",
        "country_code": country,
        "dispatch": {"mode": "auto"},
        "workflow": {"spidersite": {"enabled": True, "max_pages": 10}, "spiderverify": {"enabled": True}},
    }


async def run(*, quick: bool) -> list[Ratio]:
    found = [await compare("LI", 1 if quick else 3, target=5.0)]
    if not quick:
        found.append(await compare("MC", 2, target=5.0))
    return found


async def compare(country: str, n: int, target: float | None) -> Ratio:
    work: dict[str, dict[str, int]] = {}

    async def sequential() -> float:
        async with Practice(country) as practice:
            done = await script(country, practice.settings())
        seconds = done.pop("seconds")
        work["sequential"] = {name: int(number) for name, number in done.items()}
        return seconds

    async def orbweave() -> float:
        async with Practice(country) as practice, server(practice.settings()) as api:
            seconds, work["orbweave"] = await asyncio.to_thread(drive, api, body(country))
        return seconds

    plain, ours = await rounds(n, sequential, orbweave)
    if work["sequential"] != work["orbweave"]:
        raise RuntimeError(f"The two did not do the same work: {work}")
    sites = work["orbweave"]["sites"]
    return Ratio(
        "campaign",
        f"restaurants in {country} ({sites} websites), plain sequential script / Orbweave, seconds",
        ratio(plain, ours),
        ">=",
        target,
        f"{median(plain):.1f} s / {median(ours):.1f} s",
    )


async def script(country: str, settings: dict[str, str]) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.sequential", json.dumps(body(country)),
        env={**os.environ, **settings}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("The sequential script failed; its words are above.")
    done: dict[str, float] = json.loads(output)
    return done


@asynccontextmanager
async def server(settings: dict[str, str]) -> AsyncIterator[Api]:
    """``orbweave serve`` in a home of its own, its workers up."""
    directory = Path(tempfile.mkdtemp(prefix="orbweave-bench-"))
    directory.chmod(0o711)  # root's database runs as another account
    home = directory / "home"
    environment = {**settings, "ORBWEAVE_WORKERS": str(WORKERS), "DATABASE_URL": "", "ORBWEAVE_DATABASE_URL": ""}
    try:
        started = local.start(home, 0, environment)
        api, _ = await asyncio.to_thread(started.__enter__)
        try:
            await workers_up(EmbeddedPostgres(home).dsn())
            yield api
        finally:
            await asyncio.to_thread(started.__exit__, None, None, None)
    finally:
        await EmbeddedPostgres(home).remove()
        shutil.rmtree(directory)


async def workers_up(dsn: str) -> None:
    async with connect(dsn) as connection:
        while await connection.fetchval("select count(*) from workers") < WORKERS:
            await asyncio.sleep(POLL)


def drive(api: Api, what: dict[str, Any]) -> tuple[float, dict[str, int]]:
    """Submit the campaign and wait for its end: the seconds, and what was done."""
    started = time.perf_counter()
    campaign_id = api.post(f"{CAMPAIGNS}/submit", what)["campaign_id"]
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
