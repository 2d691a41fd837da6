"""spiderSite: one claim is one website; the same crawl asked for several times is done once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any, ClassVar

import asyncpg
import orjson

from orbweave.jobs.followers import Followers, SiteEnd
from orbweave.jobs.model import Begun, Done, Failed, Outcome, Released, Retry
from orbweave.jobs.queue import NOW
from orbweave.jobs.steps.base import begun
from orbweave.jobs.steps.maps import end_event
from orbweave.store import jobs as store
from orbweave.store.events import record
from orbweave.store.sql import sql

Crawl = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""A contract 2.2 payload -> its data."""

JOBS_A_CLAIM = 200


@dataclass(frozen=True, slots=True)
class Known:
    """A crawl the campaign has done already."""

    result_of: int
    emails: list[str]


@dataclass(frozen=True, slots=True)
class Visit:
    """One crawl and the jobs it serves."""

    payload: dict[str, Any]
    jobs: tuple[Begun, ...]
    known: Known | None


class SiteStep:
    entrypoint: ClassVar[str] = "site"

    def __init__(self, crawl: Crawl, followers: Followers) -> None:
        self._crawl = crawl
        self._followers = followers

    async def begin(
        self, conn: asyncpg.Connection, keys: Sequence[str], worker_id: str
    ) -> Mapping[str, tuple[Visit, ...]]:
        rows = await conn.fetch(sql("jobs/begin_site"), keys, worker_id, JOBS_A_CLAIM)

        def sort(row: Any) -> tuple[str, int, bytes]:
            # Jobs that share a known result are one visit, whoever asks for a crawl of their own another.
            return row["key"], row["result_of"] or 0, orjson.dumps(row["payload"], option=orjson.OPT_SORT_KEYS)

        visits: dict[str, list[Visit]] = {}
        for (key, result_of, _), group in groupby(sorted(rows, key=sort), key=sort):
            members = list(group)
            known = Known(result_of, members[0]["emails"] or []) if result_of else None
            visits.setdefault(key, []).append(Visit(members[0]["payload"], tuple(begun(row) for row in members), known))
        return {key: tuple(of_key) for key, of_key in visits.items()}

    def attempt(self, work: tuple[Visit, ...]) -> int:
        return max(job.attempt for visit in work for job in visit.jobs)

    def jobs(self, work: tuple[Visit, ...]) -> frozenset[int]:
        return frozenset(job.id for visit in work for job in visit.jobs)

    async def run(self, work: tuple[Visit, ...]) -> list[dict[str, Any] | None]:
        return [None if visit.known else await self._crawl(visit.payload) for visit in work]

    async def end(
        self,
        conn: asyncpg.Connection,
        ended: Sequence[tuple[str, tuple[Visit, ...] | None, Outcome[list[dict[str, Any] | None]] | None]],
    ) -> Mapping[str, timedelta]:
        again: dict[str, timedelta] = {}
        ends: dict[int, tuple[SiteEnd, int | None]] = {}
        results: dict[int, dict[str, Any]] = {}
        requeues: list[tuple[int, str | None]] = []
        for key, work, outcome in ended:
            for position, visit in enumerate(work or ()):
                match outcome:
                    case Done(value):
                        data = value[position]
                        if data is not None:
                            leader = visit.jobs[0].id
                            results[leader] = data
                            emails: list[str] | None = list(data["emails"])
                            error = _error(data)
                        else:
                            assert visit.known
                            leader, emails, error = visit.known.result_of, visit.known.emails, None
                        for job in visit.jobs:
                            ends[job.id] = SiteEnd(job, None if error else emails, error), leader
                    case Failed(error):
                        for job in visit.jobs:
                            ends[job.id] = SiteEnd(job, None, error), None
                    case Retry(error, delay):
                        requeues += [(job.id, error) for job in visit.jobs]
                        again[key] = delay
                    case Released():
                        requeues += [(job.id, None) for job in visit.jobs]
        finished = await store.finish(
            conn,
            [
                (id, "failed" if end.error else "completed", end.error, result_of)
                for id, (end, result_of) in sorted(ends.items())
            ],
        )
        used = {result_of for id, (_, result_of) in ends.items() if id in finished}
        await store.put_results(conn, ((id, data) for id, data in sorted(results.items()) if id in used))
        await store.requeue(conn, sorted(requeues))
        real = [end for id, (end, _) in sorted(ends.items()) if id in finished]
        await record(conn, [end_event(end.job, end.error) for end in real])
        await self._followers.sites_ended(conn, [end for end in real if end.job.campaign_id])
        waiting = await conn.fetch(sql("jobs/waiting_sites"), [key for key, _, _ in ended])
        return {row["key"]: again.get(row["key"], NOW) for row in waiting}


def _error(data: dict[str, Any]) -> str | None:
    if data["crawl_status"] != "failed":
        return None
    return str((data.get("metadata") or {}).get("error") or "The website could not be read.")
