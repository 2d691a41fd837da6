"""What our two clients have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bench.site.job import Job
from orbweave.net import NetSettings, Network


def network(job: Job) -> Network:
    ca_file = Path(job.ca_file)
    return Network(NetSettings(nameservers=(job.nameserver,), ca_file=ca_file, allow_networks=("127.0.0.0/8",)))


async def each(urls: Sequence[str], at_once: int, work: Callable[[str], Awaitable[None]]) -> None:
    waiting = iter(urls)

    async def worker() -> None:
        for url in waiting:
            await work(url)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(worker())
