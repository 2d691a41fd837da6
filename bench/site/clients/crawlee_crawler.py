"""Crawlee's parsel and BeautifulSoup crawlers with its own way to follow links; argv[2] says which."""

from __future__ import annotations

import asyncio
import logging
import re
import sys
from typing import Any

from crawlee import ConcurrencySettings
from crawlee.crawlers import BeautifulSoupCrawler, ParselCrawler
from crawlee.http_clients import ImpitHttpClient
from crawlee.storage_clients import MemoryStorageClient

from bench.site import job as jobs
from bench.site.clients.naive import EMAIL, FILES

_EXCLUDED = [re.compile(rf".*({'|'.join(re.escape(suffix) for suffix in FILES)})$", re.IGNORECASE)]


async def crawl(kind: str, job: jobs.Job, found: jobs.Found) -> None:
    logging.disable(logging.CRITICAL)
    at_once = job.sites_at_once * job.per_host
    common: dict[str, Any] = {
        "http_client": ImpitHttpClient(verify=False),
        "storage_client": MemoryStorageClient(),
        # A least number, too: it would be throttled for the core being busy.
        "concurrency_settings": ConcurrencySettings(
            min_concurrency=at_once, desired_concurrency=at_once, max_concurrency=at_once
        ),
        "respect_robots_txt_file": True,
        "max_request_retries": 0,
        "configure_logging": False,
        "use_session_pool": False,
    }
    crawler: Any = ParselCrawler(**common) if kind == "parsel" else BeautifulSoupCrawler(**common)

    @crawler.router.default_handler
    async def handle(context: Any) -> None:
        found.page(EMAIL.findall((await context.http_response.read()).decode("utf-8", "replace")))
        await context.enqueue_links(strategy="same-hostname", exclude=_EXCLUDED)

    await crawler.run(job.urls)


if __name__ == "__main__":
    which = sys.argv[2]
    jobs.run(lambda job, found: asyncio.run(crawl(which, job, found)))
