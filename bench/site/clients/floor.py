"""The least that ours can cost: its fetcher and its parser on the same pages, whose addresses it is told."""

from __future__ import annotations

import asyncio

from selectolax.lexbor import LexborHTMLParser

from bench.site import job as jobs
from bench.site.clients.pool import each, network
from orbweave.net.gate import LocalGate
from orbweave.site.charset import decode
from orbweave.site.fetch import Fetcher
from orbweave.site.limits import Limits, Pace


async def _unchecked(url: str, previous: str | None) -> None:
    return None


async def fetch(job: jobs.Job, found: jobs.Found) -> None:
    limits, pace, gate = Limits(), Pace(host_delay=0, host_connections=job.per_host), LocalGate()
    async with network(job) as net:

        async def one(url: str) -> None:
            async with net.http_session() as session:
                fetcher = Fetcher(session, limits, gate, pace, 30.0)
                pages = iter(job.pages[url])

                async def lane() -> None:
                    for page in pages:
                        answer = await fetcher.get(page, _unchecked, limits.page_bytes, pages_only=True)
                        html, _ = decode(answer.body, answer.content_type)
                        LexborHTMLParser(html)
                        found.page()

                await asyncio.gather(*(lane() for _ in range(job.per_host)))

        await each(job.urls, job.sites_at_once, one)


if __name__ == "__main__":
    jobs.run(lambda job, found: asyncio.run(fetch(job, found)))
