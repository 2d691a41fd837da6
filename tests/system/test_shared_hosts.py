"""Several worker processes and one host: its pace holds for all of them together; a crawl whose worker is killed goes
on with another without asking for its pages again; a cancelled crawl lets go of the host."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from orbweave.campaigns.service import cancel_job
from orbweave.jobs import service
from orbweave.store.clients import create_client
from orbweave.store.database import Database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("shared_hosts")]

PAUSE = 0.25
TRADES = ("Bakery", "Carpenter", "Dentist", "Florist", "Garage")
PAGES = len(TRADES)


@dataclass
class Host:
    """``one.test`` and names that lead there; what it was asked, and how many requests were open at once."""

    port: int = 0
    began: list[float] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    most: int = 0
    latency: float = 0.0
    stalling: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    _open: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.host != "one.test":
            raise web.HTTPMovedPermanently("http://one.test/")
        self.began.append(time.monotonic())
        self._open += 1
        self.most = max(self.most, self._open)
        try:
            await asyncio.sleep(self.latency)
            if request.path == "/stall":
                self.stalling.set()
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.let_go.set()
            raise
        finally:
            self._open -= 1
        self.asked[request.path] += 1
        if request.path == "/robots.txt":
            return web.Response(text="User-agent: *\nDisallow:\n")
        links = "".join(f'<a href="/page-{number}">{number}</a>' for number in range(1, PAGES))
        trade = TRADES[int(request.path.removeprefix("/page-"))] if "-" in request.path else TRADES[0]
        text = f"<html><body><h1>{trade}</h1><p>All about our {trade}.</p>{links}</body></html>"
        return web.Response(text=text, content_type="text/html")


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    served = Host()
    app = web.Application()
    app.router.add_get("/{path:.*}", served.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.port = runner.addresses[0][1]
    yield served
    await runner.cleanup()


@contextmanager
def workers(n: int, db: Database, host: Host, log: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    environment = {
        **os.environ,
        "DATABASE_URL": db.dsn,
        "ORBWEAVE_CONNECT_TO": f":80:127.0.0.1:{host.port}",
        "ORBWEAVE_ALLOW_NETWORKS": "127.0.0.0/8",
        "ORBWEAVE_HOST_DELAY": str(PAUSE),
        "ORBWEAVE_HEARTBEAT_TIMEOUT": "1",
        "ORBWEAVE_WORKER_CONCURRENCY": "2",
    }
    with log.open("ab") as stderr:
        command = [sys.executable, "-m", "orbweave.cli", "worker"]
        started = [subprocess.Popen(command, env=environment, stderr=stderr) for _ in range(n)]
    try:
        yield started
    finally:
        for worker in started:
            worker.kill()
            worker.wait()


async def completed(db: Database, client: str, job_id: str) -> None:
    while (job := await service.get(db, client, job_id)).state != "completed":
        assert job.state in ("queued", "processing"), job.error
        await asyncio.sleep(0.05)


@pytest.fixture
async def client(db: Database) -> str:
    return (await create_client(db, "test")).client_id


async def test_four_workers_keep_the_pace_of_one_host_together(
    db: Database, client: str, host: Host, tmp_path: Path
) -> None:
    host.latency = 2 * PAUSE  # so that requests would pile up
    names = ["one.test", *(f"alias-{number}.test" for number in range(4))]
    jobs = [await service.submit(db, client, "site", {"url": f"http://{name}/", "stop_early": False}) for name in names]
    with workers(4, db, host, tmp_path / "workers.log"):
        for job in jobs:
            await completed(db, client, job.job_id)
    assert host.most <= 2
    assert len(host.began) >= PAGES
    # The n-th request cannot have been sent before n - 1 pauses had passed; it may have arrived a little early or late.
    first = min(host.began)
    for number, began in enumerate(sorted(host.began)):
        assert began - first >= number * PAUSE - 0.2
    ran_on = {(await service.get(db, client, job.job_id)).worker_id for job in jobs}
    assert len(ran_on) > 1


async def test_the_site_of_a_killed_worker_goes_on_without_asking_twice(
    db: Database, client: str, host: Host, tmp_path: Path
) -> None:
    job = await service.submit(db, client, "site", {"url": "http://one.test/", "stop_early": False})
    with workers(1, db, host, tmp_path / "first.log") as [first]:
        known: set[str] = set()
        while len(known) < 2:
            await asyncio.sleep(0.01)
            known = {row["url"] for row in await db.pool.fetch("select url from pages")}
        first.send_signal(signal.SIGKILL)
        first.wait()
    with workers(1, db, host, tmp_path / "second.log"):
        await completed(db, client, job.job_id)
    data = (await service.results(db, client, job.job_id)).data
    assert data is not None
    assert data["pages_crawled"] == PAGES
    for url in known:
        assert host.asked[url.removeprefix("http://one.test")] == 1, url


async def test_a_cancelled_crawl_lets_go_of_its_host(db: Database, client: str, host: Host, tmp_path: Path) -> None:
    job = await service.submit(db, client, "site", {"url": "http://one.test/stall"})
    with workers(1, db, host, tmp_path / "worker.log"):
        await host.stalling.wait()
        await cancel_job(db, client, job.job_id)
        async with asyncio.timeout(10):
            await host.let_go.wait()
    assert (await service.get(db, client, job.job_id)).state == "cancelled"
