"""``bench``: the ratios that the crawler promises."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.harness import Ratio, Scale, in_turn
from bench.site import sites
from bench.site.job import Job, Outcome
from bench.site.names import name_server
from bench.site.nginx import Served, serve
from orbweave.errors import OrbweaveError

_SITES = 300
_ROUNDS = 5
# Its pages take ten times as long, so it gets fewer of them.
_SHARE_OF_SOUP = 0.2

# name -> (module, further arguments, does it find names in the hosts file?)
_CLIENTS = {
    "ours": ("ours", (), False),
    "floor": ("floor", (), False),
    "scrapy": ("scrapy_spider", (), True),
    "crawlee-parsel": ("crawlee_crawler", ("parsel",), True),
    "crawlee-bs": ("crawlee_crawler", ("soup",), True),
}
_TARGETS = {"scrapy": 1 / 3, "crawlee-parsel": 1 / 2, "crawlee-bs": 1 / 8, "floor": 2.5}


@dataclass(frozen=True)
class Stage:
    """The sites, their name server, and the core that clients run on."""

    served: Served
    nameserver: str
    core: int
    folder: Path

    def job(self, scheme: str, hosts: list[str]) -> Job:
        return Job(
            urls=[self.served.url(scheme, host) for host in hosts],
            core=self.core,
            nameserver=self.nameserver,
            ca_file=str(self.served.ca_file),
        )

    async def play(self, client: str, job: Job) -> Outcome:
        """A fresh process of ``client``. Raises OrbweaveError when it fails."""
        module, arguments, by_hosts_file = _CLIENTS[client]
        file = self.folder / "job.json"
        file.write_text(json.dumps(dataclasses.asdict(job)))
        command = [sys.executable, "-m", f"bench.site.clients.{module}", str(file), *arguments]
        if by_hosts_file:
            command = [*self._with_hosts(job), *command]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        output, errors = await process.communicate()
        if process.returncode or not output.strip():
            raise OrbweaveError(f"{client} failed: {errors.decode(errors='replace')[-2000:]}")
        return Outcome(**json.loads(output.splitlines()[-1]))

    def _with_hosts(self, job: Job) -> list[str]:
        """A prefix that gives a command its own /etc/hosts, in a mount namespace: nobody else sees it."""
        hosts = self.folder / "hosts"
        names = "".join(f"127.0.0.1 {url.split('/')[2].partition(':')[0]}\n" for url in job.urls)
        hosts.write_text(f"127.0.0.1 localhost\n{names}")
        namespace = "--mount" if os.geteuid() == 0 else "--map-root-user"
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return ["unshare", "--mount", namespace, "sh", "-c", script, str(hosts)]


@asynccontextmanager
async def _stage(count: int, schemes: tuple[str, ...]) -> AsyncIterator[Stage]:
    cores = sorted(os.sched_getaffinity(0))
    # The servers keep off the clients' core.
    os.sched_setaffinity(0, set(cores[:-1]) or set(cores))
    try:
        with tempfile.TemporaryDirectory(prefix="orbweave-bench-") as name:
            folder = Path(name)
            async with serve(folder / "web", count, schemes) as served, name_server() as nameserver:
                yield Stage(served, nameserver, cores[-1], folder)
    finally:
        os.sched_setaffinity(0, cores)


async def bench(scale: Scale) -> AsyncIterator[Ratio]:
    count = scale.rows(_SITES)
    async with _stage(count, ("http", "https")) as stage:
        for scheme in ("http", "https"):
            async for ratio in _compare(stage, scheme, scale):
                yield ratio


async def _compare(stage: Stage, scheme: str, scale: Scale) -> AsyncIterator[Ratio]:
    """CPU a page, and memory, of every client on the same sites."""
    hosts = list(stage.served.hosts)
    planted = {
        email for number in range(len(hosts)) for email in sites.site(number, scheme, stage.served.ports[scheme]).emails
    }
    found: dict[str, list[Outcome]] = {name: [] for name in _CLIENTS}

    async def measure(client: str) -> float:
        some = hosts[: max(int(len(hosts) * _SHARE_OF_SOUP), 7)] if client == "crawlee-bs" else hosts
        job = stage.job(scheme, some)
        if client == "floor":
            paths = {
                stage.served.url(scheme, host): [
                    f"{scheme}://{host}:{stage.served.ports[scheme]}{path}"
                    for path in sites.site(number, scheme, stage.served.ports[scheme]).pages
                ]
                for number, host in enumerate(some)
            }
            job = dataclasses.replace(job, paths=paths)
        outcome = await stage.play(client, job)
        if outcome.pages < 0.95 * job.max_pages * len(some):
            raise OrbweaveError(f"{client} handled {outcome.pages} pages of {job.max_pages * len(some)} over {scheme}.")
        found[client].append(outcome)
        print(
            f"     {scheme:5} {client:14} {outcome.ms:7.2f} ms a page, {outcome.pages} pages, "
            f"{outcome.emails} e-mails, {outcome.pages / outcome.wall:4.0f} pages/s, {outcome.peak:4.0f} MB",
            flush=True,
        )
        return outcome.ms

    def of(client: str):  # type: ignore[no-untyped-def]
        return lambda: measure(client)

    medians = dict(zip(_CLIENTS, await in_turn(scale.rounds(_ROUNDS), *map(of, _CLIENTS)), strict=True))
    ours = found["ours"]
    for other, target in _TARGETS.items():
        rounds = " ".join(f"{mine.ms / its.ms:.2f}" for mine, its in zip(ours, found[other], strict=True))
        yield Ratio(
            f"{scheme}: CPU a page, ours with all extraction / {other}",
            medians["ours"] / medians[other],
            target,
            at_most=True,
            detail=f"{medians['ours']:.2f} / {medians[other]:.2f} ms; rounds {rounds}",
        )
    memory = {name: statistics.median(outcome.peak for outcome in found[name]) for name in ("ours", "scrapy")}
    yield Ratio(
        f"{scheme}: peak memory, ours / scrapy",
        memory["ours"] / memory["scrapy"],
        1.0,
        at_most=True,
        detail=f"{memory['ours']:.0f} / {memory['scrapy']:.0f} MB",
    )
    seen = statistics.median(outcome.emails for outcome in ours)
    yield Ratio(
        f"{scheme}: e-mail addresses found by ours / shown by the pages",
        seen / len(planted),
        0.98,
        detail=f"{seen:.0f} of {len(planted)}",
    )
