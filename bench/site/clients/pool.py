"""What our clients have in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.site.job import Job
from orbweave.net import NetSettings, Network
from orbweave.site.crawl import Crawler
from orbweave.site.limits import Limits, Pace


def network(job: Job) -> Network:
    ca_file = Path(job.ca_file)
    return Network(NetSettings(nameservers=(job.nameserver,), ca_file=ca_file, allow_networks=("127.0.0.0/8",)))


@asynccontextmanager
async def crawler(job: Job) -> AsyncIterator[Crawler]:
    pace = Pace(host_delay=0, host_connections=job.per_host)
    async with network(job) as net, Crawler(net, Limits(), pace) as ours:
        yield ours


async def each(urls: Sequence[str], at_once: int, work: Callable[[str], Awaitable[None]]) -> None:
    waiting = iter(urls)

    async def worker() -> None:
        for url in waiting:
            await work(url)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(worker())
