"""Whole crawls with all that the contacts mode extracts, none ended early."""

from __future__ import annotations

import asyncio
import json

from bench.site import job as jobs
from bench.site.clients.pool import crawler, each
from orbweave.site.request import CrawlRequest
from orbweave.site.result import SiteResult


def request(url: str, job: jobs.Job) -> CrawlRequest:
    return CrawlRequest(url, max_pages=job.max_pages, stop_early=False)


def keep(result: SiteResult, found: jobs.Found) -> None:
    data = result.data()
    json.dumps(data)
    found.pages += result.pages_crawled
    found.emails.update(data["emails"])


async def crawl(job: jobs.Job, found: jobs.Found) -> None:
    async with crawler(job) as ours:

        async def one(url: str) -> None:
            keep(await ours.crawl(request(url, job)), found)

        await each(job.urls, job.sites_at_once, one)


if __name__ == "__main__":
    jobs.run(lambda job, found: asyncio.run(crawl(job, found)))
