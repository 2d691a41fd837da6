"""Ours on very many sites; looks at its memory after the first few, too."""

from __future__ import annotations

import asyncio
import itertools

from bench.site import job as jobs
from bench.site.clients.ours import request
from bench.site.clients.pool import crawler, each


async def crawl(job: jobs.Job, found: jobs.Found) -> None:
    ended = itertools.count(1)
    async with crawler(job) as ours:

        async def one(url: str) -> None:
            result = await ours.crawl(request(url, job))
            result.data()
            found.pages += result.pages_crawled
            if next(ended) == job.early:
                found.early_peak = jobs.peak_memory()

        await each(job.urls, job.sites_at_once, one)


if __name__ == "__main__":
    jobs.run(lambda job, found: asyncio.run(crawl(job, found)))
