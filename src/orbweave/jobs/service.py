"""What can be asked of jobs that a client submits itself. Sees only the client's own jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg

from orbweave.errors import NotFound
from orbweave.jobs.model import Job, JobState, JobType
from orbweave.jobs.queue import enqueue
from orbweave.site import CrawlRequest, site_key
from orbweave.store import jobs as store
from orbweave.store.database import Database
from orbweave.store.events import Event, record
from orbweave.store.sql import sql
from orbweave.verify import domain_of, summary


@dataclass(frozen=True, slots=True)
class Submitted:
    """``from_cache``: the same payload was submitted within 24 hours, this is that job."""

    job_id: str
    created_at: datetime
    from_cache: bool


@dataclass(frozen=True, slots=True)
class JobResult:
    """``data`` is None unless the job is completed."""

    job: Job
    data: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class JobPage:
    total: int
    jobs: Sequence[Job]


async def submit(db: Database, client_id: str, type: JobType, payload: dict[str, Any], priority: int = 0) -> Submitted:
    """Queue a job; ``payload`` is validated by the caller. An identical one of the last 24 hours is answered instead,
    unless it failed, was cancelled or says ``test: true``."""
    async with db.transaction() as conn:
        await conn.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"submit:{client_id}")
        if not payload.get("test"):
            same = await conn.fetchrow(sql("jobs/find_same"), client_id, type, payload)
            if same:
                return Submitted(str(same["job_id"]), same["created_at"], from_cache=True)
        [id] = await store.allocate_ids(conn, 1)
        key = site_key(payload["url"]) if type == "site" else str(id) if type == "maps" else ""
        row = {
            "id": id, "client_id": client_id, "type": type, "key": key, "payload": payload, "priority": priority,
            "admitted": True,
        }  # fmt: skip
        [inserted] = await store.insert(conn, [row])
        job_id = str(inserted["job_id"])
        if type == "verify":
            emails = payload.get("emails") or [payload["email"]]
            domains = [domain_of(email) for email in emails]
            await store.insert_checks(
                conn,
                [
                    {"job": id, "ord": ord, "address": email, "domain": domain}
                    for ord, (email, domain) in enumerate(zip(emails, domains, strict=True))
                ],
            )
            await enqueue(conn, type, [(domain, priority) for domain in domains])
        else:
            await enqueue(conn, type, [(key, priority)])
        await record(conn, [Event(client_id, "job.queued", None, job_id)])
        created = await conn.fetchval("select now()")
    return Submitted(job_id, created, from_cache=False)


async def get(db: Database, client_id: str, job_id: str) -> Job:
    return load_job(await _row(db.pool, client_id, job_id))


async def results(db: Database, client_id: str, job_id: str) -> JobResult:
    async with db.pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        job = load_job(await _row(conn, client_id, job_id))
        if job.state != "completed":
            return JobResult(job, None)
        match job.type:
            case "maps":
                return JobResult(job, await conn.fetchval(sql("jobs/maps_result"), job.id))
            case "site":
                return JobResult(job, _site_result(job, await conn.fetchrow(sql("jobs/result"), job.id)))
            case "verify":
                row = await conn.fetchrow(sql("checks/of_jobs"), [job.id])
                assert job.started_at
                assert job.finished_at
                seconds = (job.finished_at - job.started_at).total_seconds()
                return JobResult(job, summary(row["verdicts"] if row else [], seconds))


async def list_jobs(
    db: Database,
    client_id: str,
    *,
    status: JobState | None = None,
    type: JobType | None = None,
    sort_by: Literal["created_at", "updated_at", "status"] = "created_at",
    sort_order: Literal["asc", "desc"] = "desc",
    page: int = 1,
    page_size: int = 50,
) -> JobPage:
    chosen = client_id, status, type, sort_by, sort_order == "asc"
    rows = await db.pool.fetch(sql("jobs/list"), *chosen, page_size, (page - 1) * page_size)
    if not rows and page > 1:
        first = await db.pool.fetchrow(sql("jobs/list"), *chosen, 1, 0)
        return JobPage(first["total"] if first else 0, [])
    return JobPage(rows[0]["total"] if rows else 0, [load_job(row) for row in rows])


def _site_result(job: Job, row: Any) -> dict[str, Any]:
    compendium = row["data"].get("compendium") or {}
    if row["markdown"]:
        compendium |= {"storage_location": "database", "download_url": f"/api/v1/jobs/{job.job_id}/compendium"}
    asked = CrawlRequest.from_payload(job.payload, model=True).compendium
    return {**row["data"], "markdown_compendium": row["markdown"] if asked.include_in_response else None}


async def compendium(db: Database, client_id: str, job_id: str) -> str:
    """The Markdown that a site job made of its pages. Raises NotFound when it made none."""
    row = await _row(db.pool, client_id, job_id)
    found = await db.pool.fetchrow(sql("jobs/result"), row["id"])
    if found is None or found["markdown"] is None:
        raise NotFound(f"Job {job_id} has no compendium; ask for one with compendium.enabled or mode compendium.")
    return str(found["markdown"])


def load_job(row: Any) -> Job:
    fields = {name: row[name] for name in Job.__dataclass_fields__ if name != "job_id"}
    return Job(job_id=str(row["job_id"]), **fields)


async def _row(conn: asyncpg.Connection[Any] | asyncpg.Pool[Any], client_id: str, job_id: str) -> Any:
    try:
        row = await conn.fetchrow(sql("jobs/get"), UUID(job_id), client_id)
    except ValueError:
        row = None
    if row is None:
        raise NotFound(f"There is no job {job_id}.")
    return row
