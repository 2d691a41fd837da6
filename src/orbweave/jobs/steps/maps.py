"""spiderMaps: one claim is one job."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import asyncpg

from orbweave.jobs.followers import Followers, MapsEnd
from orbweave.jobs.model import Begun, Done, Failed, Outcome, Released, Retry
from orbweave.jobs.queue import NOW
from orbweave.store import jobs as store
from orbweave.store.events import Event, record
from orbweave.store.sql import sql

Search = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""A contract 2.1 payload -> its data."""


class MapsStep:
    entrypoint: ClassVar[str] = "maps"

    def __init__(self, search: Search, followers: Followers) -> None:
        self._search = search
        self._followers = followers

    async def begin(self, conn: asyncpg.Connection, keys: Sequence[str], worker_id: str) -> Mapping[str, Begun]:
        rows = await conn.fetch(sql("jobs/begin_maps"), [int(key) for key in keys], worker_id)
        jobs = [Begun.of(row) for row in rows]
        await self._followers.maps_started(conn, [job for job in jobs if job.campaign_id and job.fresh])
        return {str(job.id): job for job in jobs}

    def attempt(self, work: Begun) -> int:
        return work.attempt

    def jobs(self, work: Begun) -> frozenset[int]:
        return frozenset({work.id})

    async def run(self, work: Begun) -> dict[str, Any]:
        return await self._search(work.payload)

    async def end(
        self, conn: asyncpg.Connection, ended: Sequence[tuple[str, Begun | None, Outcome[dict[str, Any]] | None]]
    ) -> Mapping[str, timedelta]:
        finishes: list[tuple[int, str, str | None, int]] = []
        requeues: list[tuple[int, str | None, timedelta]] = []
        found: dict[int, dict[str, Any]] = {}
        works = {work.id: work for _, work, _ in ended if work}
        for _, work, outcome in ended:
            if work is None:
                continue
            match outcome:
                case Done(data):
                    finishes.append((work.id, "completed", None, 0))
                    found[work.id] = data
                case Failed(error):
                    finishes.append((work.id, "failed", error, 0))
                case Retry(error, delay, _):
                    requeues.append((work.id, error, delay))
                case Released():
                    requeues.append((work.id, None, NOW))
        finished = await store.finish(conn, finishes)
        requeued = await store.requeue(conn, requeues)
        await store.put_results(conn, ((id, _stored(works[id], data)) for id, data in found.items() if id in finished))
        ends = [
            MapsEnd(works[id], found[id]["businesses"] if id in found else None, error)
            for id, _, error, _ in finishes
            if id in finished
        ]
        await record(conn, [end_event(end.job, end.error) for end in ends])
        await self._followers.maps_ended(conn, [end for end in ends if end.job.campaign_id])
        await self._followers.maps_requeued(conn, [works[id] for id in sorted(requeued) if works[id].campaign_id])
        # Also one that was cancelled and retried while it ran: its queue row is this claim.
        waiting = await conn.fetch(sql("jobs/waiting_maps"), [int(key) for key, _, _ in ended])
        return {row["key"]: row["delay"] for row in waiting}


def _stored(job: Begun, data: dict[str, Any]) -> dict[str, Any]:
    """A campaign's businesses are kept once, as its leads."""
    return {name: value for name, value in data.items() if name != "businesses"} if job.campaign_id else data


def end_event(job: Begun, error: str | None) -> Event:
    data = {"error": error} if error else {}
    return Event(job.client_id, "job.failed" if error else "job.completed", job.campaign_id, job.job_id, data)
