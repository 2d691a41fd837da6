"""kill -9 of a worker, of the server, of the database, each in the middle of a campaign of real processes: the campaign
ends with the leads of an undisturbed run, none lost, none twice, and its counters say what its rows say."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from orbweave.practice import Practice
from orbweave.store import counters
from orbweave.store.database import Database
from orbweave.store.embedded import EmbeddedPostgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240), pytest.mark.xdist_group("kills")]

CAMPAIGNS = "/api/v1/jobs/spiderMaps/campaigns"
BODY = {
    "query": "restaurants",
    "country_code": "LI",
    "dispatch": {"mode": "auto"},
    "workflow": {"spidersite": {"enabled": True, "max_pages": 6}, "spiderverify": {"enabled": True}},
}


class Server:
    """``orbweave serve`` as a process, and its API as its local client."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        self.environment = {
            **os.environ,
            **environment,
            "ORBWEAVE_HEARTBEAT_TIMEOUT": "2",
            "ORBWEAVE_WORKERS": "2",
            "ORBWEAVE_WORKER_CONCURRENCY": "4",
            "ORBWEAVE_JOB_ATTEMPTS": "10",
            "ORBWEAVE_SHUTDOWN_GRACE": "2",
        }
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "orbweave.cli", "serve", "--home", str(self.home), "--port", "0", "--json"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=(self.home.parent / "server.log").open("ab"),
        )
        assert self.process.stdout
        self.url = json.loads(self.process.stdout.readline())["url"]
        token = (self.home / "token").read_text().strip()
        self.api = httpx2.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(60) in (0, 130, 143, -signal.SIGTERM)

    def workers(self) -> list[int]:
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        children = [
            pid
            for pid, parent in (map(int, line.split()) for line in listed.splitlines())
            if parent == self.process.pid
        ]
        return [pid for pid in children if "worker" in _command(pid)]

    def submit(self) -> str:
        answer = self.api.post(f"{CAMPAIGNS}/submit", json=BODY)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["campaign_id"])

    def status(self, campaign: str) -> dict[str, Any] | None:
        """None while the server or its database is away."""
        try:
            answer = self.api.get(f"{CAMPAIGNS}/{campaign}/status")
        except httpx2.HTTPError:
            return None
        assert answer.status_code in (200, 503), answer.text
        return answer.json() if answer.status_code == 200 else None  # type: ignore[no-any-return]

    def wait(self, campaign: str, reached: Callable[[dict[str, Any]], bool]) -> None:
        while (now := self.status(campaign)) is None or not reached(now):
            time.sleep(0.05)

    def leads(self, campaign: str) -> list[tuple[Any, ...]]:
        answer = self.api.get(f"{CAMPAIGNS}/{campaign}/export", params={"format": "jsonl"}, timeout=60)
        rows = [json.loads(line) for line in answer.text.splitlines()]
        return sorted(
            (
                row["business_place_id"],
                row["spidersite_status"],
                row["workflow_stage"],
                tuple(sorted(row["emails_found"])),
                tuple(sorted((one["email"], one["status"]) for one in row["emails_verified"])),
            )
            for row in rows
        )


def _command(pid: int) -> str:
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def completed(status: dict[str, Any]) -> bool:
    return bool(status["status"] == "completed")


def crawled(n: int) -> Callable[[dict[str, Any]], bool]:
    return lambda status: status["workflow_progress"]["sites_completed"] >= n


def kill_worker(server: Server) -> None:
    while not (running := server.workers()):  # they are being started
        time.sleep(0.05)
    os.kill(running[0], signal.SIGKILL)


def kill_server(server: Server) -> None:
    server.process.kill()
    server.process.wait()
    server.start()


def kill_database(server: Server) -> None:
    pid_file = EmbeddedPostgres(server.home).data / "postmaster.pid"
    os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGKILL)


@pytest.fixture
async def practice() -> AsyncIterator[Practice]:
    async with Practice("LI", latency=0.05) as running:
        yield running


@pytest.fixture
def server(practice: Practice, home: Path) -> Iterator[Server]:
    running = Server(home, practice.settings())
    yield running
    running.stop()


async def test_killed_in_the_middle(server: Server) -> None:
    def play(kill: Callable[[Server], None] | None) -> tuple[str, list[tuple[Any, ...]]]:
        campaign = server.submit()
        for at in (1, 4, 7) if kill else ():
            server.wait(campaign, crawled(at))
            assert kill
            kill(server)
        server.wait(campaign, completed)
        return campaign, server.leads(campaign)

    _, undisturbed = await asyncio.to_thread(play, None)
    assert len(undisturbed) == 70
    assert any(verified for *_, verified in undisturbed)
    campaigns = []
    for kill in (kill_worker, kill_server, kill_database):
        campaign, leads = await asyncio.to_thread(play, kill)
        assert leads == undisturbed, kill.__name__
        campaigns.append(campaign)
    own = EmbeddedPostgres(server.home)
    db = await Database.connect(await own.start(), server=own)
    async with db:
        assert await counters.differences(db) == []
        assert await db.pool.fetchval("select count(*) from pgqueuer") == 0
        doubled = await db.pool.fetch("select campaign_id, business_key from leads group by 1, 2 having count(*) > 1")
        assert doubled == []
