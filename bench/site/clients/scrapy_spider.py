"""A Scrapy spider for many sites as its documentation advises: CSS links, logging and what isn't needed off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import HtmlResponse, Response

from bench.site import job as jobs
from bench.site.clients.naive import EMAIL, is_page_of


class Contacts(scrapy.Spider):
    name = "contacts"

    def __init__(self, job: jobs.Job, found: jobs.Found) -> None:
        super().__init__()
        self._job = job
        self._found = found
        self._seen: defaultdict[str, set[str]] = defaultdict(set)

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for url in self._job.urls:
            self._seen[urlsplit(url).netloc].add(url)
            yield scrapy.Request(url)

    def parse(self, response: Response) -> Iterator[scrapy.Request]:
        if not isinstance(response, HtmlResponse):
            return
        self._found.page(EMAIL.findall(response.text))
        host = urlsplit(response.url).netloc
        seen = self._seen[host]
        for href in response.css("a::attr(href)").getall():
            url = response.urljoin(href.partition("#")[0])
            if url not in seen and len(seen) < self._job.max_pages and is_page_of(url, host):
                seen.add(url)
                yield scrapy.Request(url)


def crawl(job: jobs.Job, found: jobs.Found) -> None:
    process = AsyncCrawlerProcess(
        settings={
            "CONCURRENT_REQUESTS": job.sites_at_once * job.per_host,
            "CONCURRENT_REQUESTS_PER_DOMAIN": job.per_host,
            "DOWNLOAD_DELAY": 0,
            "ROBOTSTXT_OBEY": True,
            "USER_AGENT": "bench (+https://bench.example/bot)",
            "LOG_ENABLED": False,
            "COOKIES_ENABLED": False,
            "RETRY_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "REACTOR_THREADPOOL_MAXSIZE": 20,
            "SCHEDULER_PRIORITY_QUEUE": "scrapy.pqueues.DownloaderAwarePriorityQueue",
            "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        },
        install_root_handler=False,
    )
    process.crawl(Contacts, job=job, found=found)
    process.start()


if __name__ == "__main__":
    jobs.run(crawl)
