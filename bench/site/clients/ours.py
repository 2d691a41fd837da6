"""Whole crawls with all that the contacts mode extracts, none ended early."""

from __future__ import annotations

import asyncio
import json

from bench.site import job as jobs
from bench.site.clients.pool import each, network
from orbweave.site.crawl import Crawler
from orbweave.site.limits import Limits, Pace
from orbweave.site.request import CrawlRequest


async def crawl(job: jobs.Job, found: jobs.Found) -> None:
    async with network(job) as net:
        crawler = Crawler(net, Limits(), Pace(host_delay=0, host_connections=job.per_host))

        async def one(url: str) -> None:
            result = await crawler.crawl(CrawlRequest(url, max_pages=job.max_pages, stop_early=False))
            data = result.data()
            json.dumps(data["emails"])
            found.pages += result.pages_crawled
            found.emails.update(data["emails"])

        await each(job.urls, job.sites_at_once, one)


if __name__ == "__main__":
    jobs.run(lambda job, found: asyncio.run(crawl(job, found)))
