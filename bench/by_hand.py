"""What somebody would write who has no queue: the same work with plain SQL."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from bench.work import crawled
from orbweave.store.database import Database

MANY = 8


async def make_queue(db: Database, jobs: int) -> None:
    await db.pool.execute(
        "create table queue (id bigint generated always as identity primary key, priority int not null default 0,"
        " payload bytea not null, status text not null default 'queued')"
    )
    await db.pool.execute("create index queue_next on queue (priority desc, id) where status = 'queued'")
    await db.pool.execute(
        "insert into queue (payload) select convert_to(n::text, 'UTF8') from generate_series(1, $1) as n", jobs
    )
    await db.pool.execute("vacuum (analyze) queue")


async def batches(db: Database, size: int) -> None:
    """Take a batch, handle it, delete it, until there is nothing left."""

    async def handle(row: asyncpg.Record) -> None:
        pass

    async with db.pool.acquire() as conn:
        while rows := await conn.fetch(_TAKE, size):
            await asyncio.gather(*map(handle, rows))
            await conn.execute("delete from queue where id = any ($1)", [row["id"] for row in rows])


_TAKE = """
update queue set status = 'picked'
where id in (
    select id from queue where status = 'queued' order by priority desc, id limit $1 for update skip locked)
returning id, payload
"""


async def one_by_one(db: Database, loops: int) -> None:
    """Take a crawl, do it and write all that follows, one transaction a job; so many loops at once."""
    await asyncio.gather(*(_loop(db, slot) for slot in range(loops)))


async def _loop(db: Database, slot: int) -> None:
    async with db.pool.acquire() as conn:
        while await _one(conn, slot):
            pass


async def _one(conn: asyncpg.Connection[Any], slot: int) -> bool:
    async with conn.transaction():
        claim = await conn.fetchrow(_CLAIM)
        if claim is None:
            return False
        job = await conn.fetchrow(_BEGIN, claim["key"])
        data = crawled(job["payload"])
        [email] = data["emails"]
        verify = await conn.fetchval(_NEXT_JOB, job["client_id"], job["campaign_id"], job["location_id"], [email])
        await conn.execute(_END, job["id"], verify)
        await conn.execute("insert into results (job, data) values ($1, $2)", job["id"], data)
        domain = email.partition("@")[2]
        await conn.execute(_CHECK, verify, job["campaign_id"], email, domain)
        await conn.execute(_ENQUEUE, domain)
        await conn.execute(_COUNT, job["campaign_id"], slot)
        await conn.execute(_EVENT, job["client_id"], job["campaign_id"], job["job_id"])
        return True


_CLAIM = """
delete from pgqueuer where id = (
    select id from pgqueuer where entrypoint = 'site' and status = 'queued' and execute_after <= now()
    order by priority desc, id limit 1 for update skip locked)
returning id, convert_from(payload, 'UTF8') as key
"""
_BEGIN = """
update jobs set state = 'processing', attempt = attempt + 1, worker_id = 'by hand', updated_at = now(),
    started_at = now()
where type = 'site' and state = 'queued' and key = $1
returning id, job_id, client_id, campaign_id, location_id, payload
"""
_NEXT_JOB = """
insert into jobs (client_id, type, campaign_id, location_id, payload, payload_hash)
select $1, 'verify', $2, $3, payload, decode(md5(payload::text), 'hex')
from (select jsonb_build_object('emails', $4::text[])) as p (payload)
returning id
"""
_END = """
update jobs set state = 'completed', emails = 1, verify_job = $2, updated_at = now(), finished_at = now() where id = $1
"""
_CHECK = "insert into checks (job, campaign_id, ord, address, domain) values ($1, $2, 0, $3, $4)"
_ENQUEUE = """
insert into pgqueuer (priority, entrypoint, payload, dedupe_key, execute_after, status)
values (0, 'verify', convert_to($1, 'UTF8'), 'verify:' || $1, now(), 'queued')
"""
_COUNT = """
update campaign_count set sites_queued = sites_queued - 1, sites_completed = sites_completed + 1,
    emails_found = emails_found + 1, verifies_queued = verifies_queued + 1, at = now()
where campaign_id = $1 and slot = $2
"""
_EVENT = "insert into events (client_id, campaign_id, job_id, type, data) values ($1, $2, $3, 'job.completed', '{}')"
