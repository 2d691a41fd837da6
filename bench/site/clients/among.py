"""Ours on ordinary sites with bad ones among the first; ends with the last ordinary one."""

from __future__ import annotations

import asyncio
import time

from bench.site import job as jobs
from bench.site.clients.ours import keep, request
from bench.site.clients.pool import crawler, each


async def crawl(job: jobs.Job, found: jobs.Found) -> None:
    left = set(job.urls)
    all_done = asyncio.Event()
    started = time.monotonic()
    async with crawler(job) as ours:

        async def one(url: str) -> None:
            result = await ours.crawl(request(url, job))
            if url in left:
                keep(result, found)
                left.discard(url)
            if not left:
                all_done.set()

        crawling = asyncio.create_task(each([*job.bad, *job.urls], job.sites_at_once, one))
        await all_done.wait()
        found.wall = time.monotonic() - started
        crawling.cancel()
        await asyncio.gather(crawling, return_exceptions=True)


if __name__ == "__main__":
    jobs.run(lambda job, found: asyncio.run(crawl(job, found)))
