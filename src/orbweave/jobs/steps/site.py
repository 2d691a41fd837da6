"""spiderSite: one claim is one website, whose waiting jobs are done one after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar

import asyncpg

from orbweave.jobs.followers import Followers, SiteEnd
from orbweave.jobs.model import Begun, Done, Failed, Outcome, Released, Retry
from orbweave.jobs.queue import NOW
from orbweave.jobs.steps.maps import end_event
from orbweave.store import jobs as store
from orbweave.store.events import record
from orbweave.store.sql import sql

Crawl = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""A contract 2.2 payload -> its data."""

Work = tuple[Begun, ...]

JOBS_A_CLAIM = 1
"""A job shares neither the failure nor the attempts of another one of its website; the key comes back at once."""


class SiteStep:
    entrypoint: ClassVar[str] = "site"

    def __init__(self, crawl: Crawl, followers: Followers) -> None:
        self._crawl = crawl
        self._followers = followers

    async def begin(self, conn: asyncpg.Connection, keys: Sequence[str], worker_id: str) -> Mapping[str, Work]:
        rows = await conn.fetch(sql("jobs/begin_site"), keys, worker_id, JOBS_A_CLAIM)
        by_key = sorted(rows, key=itemgetter("key", "id"))
        return {key: tuple(map(Begun.of, of_key)) for key, of_key in groupby(by_key, key=itemgetter("key"))}

    def attempt(self, work: Work) -> int:
        return max(job.attempt for job in work)

    def jobs(self, work: Work) -> frozenset[int]:
        return frozenset(job.id for job in work)

    async def run(self, work: Work) -> list[dict[str, Any]]:
        return [await self._crawl(job.payload) for job in work]

    async def end(
        self,
        conn: asyncpg.Connection,
        ended: Sequence[tuple[str, Work | None, Outcome[list[dict[str, Any]]] | None]],
    ) -> Mapping[str, timedelta]:
        ends: dict[int, SiteEnd] = {}
        results: dict[int, dict[str, Any]] = {}
        requeues: list[tuple[int, str | None, timedelta]] = []
        for _, work, outcome in ended:
            match outcome:
                case Done(found):
                    for job, data in zip(work or (), found, strict=True):
                        error = _error(data)
                        results[job.id] = data
                        ends[job.id] = SiteEnd(job, None if error else list(dict.fromkeys(data["emails"])), error)
                case Failed(error):
                    ends |= {job.id: SiteEnd(job, None, error) for job in work or ()}
                case Retry(error, delay, tried):
                    requeues += [(job.id, error if tried else None, delay) for job in work or ()]
                case Released():
                    requeues += [(job.id, None, NOW) for job in work or ()]
        finished = await store.finish(
            conn,
            [
                (id, "failed" if end.error else "completed", end.error, len(end.emails or ()))
                for id, end in sorted(ends.items())
            ],
        )
        await store.put_results(conn, ((id, data) for id, data in sorted(results.items()) if id in finished))
        await store.requeue(conn, sorted(requeues))
        real = [end for id, end in sorted(ends.items()) if id in finished]
        await record(conn, [end_event(end.job, end.error) for end in real])
        await self._followers.sites_ended(conn, [end for end in real if end.job.campaign_id])
        waiting = await conn.fetch(sql("jobs/waiting_sites"), [key for key, _, _ in ended])
        return {row["key"]: row["delay"] for row in waiting}


def _error(data: dict[str, Any]) -> str | None:
    if data["crawl_status"] != "failed":
        return None
    return str((data.get("metadata") or {}).get("error") or "The website could not be read.")
