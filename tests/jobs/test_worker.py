"""A real worker on a real queue; only the outside world is the test's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pgqueuer.domain.models import Job as Claim
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from orbweave.campaigns import service as campaigns
from orbweave.campaigns.advance import Advance
from orbweave.campaigns.chores import chores
from orbweave.campaigns.spec import CampaignSpec, SiteStage, VerifyStage, Workflow
from orbweave.errors import IllegalState, InvalidInput, NotFound
from orbweave.jobs import service
from orbweave.jobs.maintenance import Maintenance, requeue_forgotten
from orbweave.jobs.model import Job, Later
from orbweave.jobs.queue import ClaimQueries, key_of
from orbweave.jobs.steps.maps import MapsStep
from orbweave.jobs.steps.site import SiteStep
from orbweave.jobs.steps.verify import Answer, Policy, VerifyStep
from orbweave.jobs.worker import Limits, Worker
from orbweave.store import counters
from orbweave.store.clients import create_client
from orbweave.store.database import Database
from orbweave.store.jobs import put_results

QUICK = Limits(concurrency=16, heartbeat_timeout=1.0, attempts=3, retry_delays=(0.01,), grace=0.1)

ASKING = Policy(later=(0.01,), attempts=3, failed=(0.01,))


async def no_search(payload: dict[str, Any]) -> dict[str, Any]:
    return {"query": payload["search_query"], "results_count": 0, "businesses": [], "metadata": {}}


async def no_crawl(payload: dict[str, Any]) -> dict[str, Any]:
    return {"url": payload["url"], "crawl_status": "success", "emails": [], "metadata": {}}


def result(address: str) -> dict[str, Any]:
    flags = dict.fromkeys(("is_catch_all", "is_disposable", "has_full_inbox", "is_disabled"), False)
    return {"email": address, "status": "valid", "flags": {"is_deliverable": True, **flags}}


async def no_ask(addresses: Any, options: dict[str, Any]) -> list[Answer]:
    return [Answer(result(address), again=False) for address in addresses]


def build(
    db: Database, *, search: Any = no_search, crawl: Any = no_crawl, ask: Any = no_ask, limits: Limits = QUICK
) -> Worker:
    advance = Advance(1)
    steps = [MapsStep(search, advance), SiteStep(crawl, advance), VerifyStep(ask, advance, ASKING)]
    return Worker(db, steps, Maintenance(db, chores(advance), interval=0.05), limits)


@contextlib.asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(worker.run(stop)) for worker in workers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:
    """Wait for the database to say so; the test's own time-out is the limit."""
    while not (value := await condition()):
        await asyncio.sleep(0.02)
    return value


async def ended(db: Database, client: str, job_id: str) -> Job:
    async def done() -> Job | None:
        job = await service.get(db, client, job_id)
        return job if job.state in ("completed", "failed", "cancelled") else None

    return await until(done)  # type: ignore[no-any-return]


@pytest.fixture
async def client(db: Database) -> str:
    return (await create_client(db, "test")).client_id


async def test_each_type_of_job_has_its_result(db: Database, client: str) -> None:
    async with working(build(db)):
        maps = await service.submit(db, client, "maps", {"search_query": "bakery in Vaduz"})
        site = await service.submit(db, client, "site", {"url": "https://one.example/"})
        verify = await service.submit(db, client, "verify", {"emails": ["a@one.example", "b@two.example"]})
        for job in (maps, site, verify):
            assert (await ended(db, client, job.job_id)).state == "completed"
    assert (await service.results(db, client, maps.job_id)).data["query"] == "bakery in Vaduz"  # type: ignore[index]
    assert (await service.results(db, client, site.job_id)).data["url"] == "https://one.example/"  # type: ignore[index]
    data = (await service.results(db, client, verify.job_id)).data
    assert data is not None
    assert [one["email"] for one in data["results"]] == ["a@one.example", "b@two.example"]
    assert await db.pool.fetchval("select count(*) from pgqueuer") == 0


async def test_same_payload_is_the_same_job_for_a_day(db: Database, client: str) -> None:
    payload = {"url": "https://one.example/"}
    first = await service.submit(db, client, "site", payload)
    again = await service.submit(db, client, "site", payload)
    assert (again.job_id, again.from_cache) == (first.job_id, True)
    other_client = (await create_client(db, "other")).client_id
    assert not (await service.submit(db, other_client, "site", payload)).from_cache
    assert not (await service.submit(db, client, "site", {**payload, "test": True})).from_cache
    await campaigns.cancel_job(db, client, first.job_id)
    assert not (await service.submit(db, client, "site", payload)).from_cache
    at_once = await asyncio.gather(*(service.submit(db, client, "maps", {"search_query": "x"}) for _ in range(10)))
    assert len({one.job_id for one in at_once}) == 1


async def test_failure_is_retried_then_kept_with_its_reason(db: Database, client: str) -> None:
    starts = 0

    async def search(payload: dict[str, Any]) -> dict[str, Any]:
        nonlocal starts
        starts += 1
        raise RuntimeError("the source is down")

    job = await service.submit(db, client, "maps", {"search_query": "x"})
    async with working(build(db, search=search)):
        failed = await ended(db, client, job.job_id)
    assert starts == 3 == failed.attempt
    assert failed.state == "failed"
    assert failed.error == "RuntimeError: the source is down"


async def test_a_site_that_says_later_is_asked_again_then(db: Database, client: str) -> None:
    starts = 0

    async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
        nonlocal starts
        starts += 1
        if starts < 3:
            raise Later("The server says that these are too many requests (429).", 0.01)
        return await no_crawl(payload)

    job = await service.submit(db, client, "site", {"url": "https://one.example/"})
    async with working(build(db, crawl=crawl)):
        assert (await ended(db, client, job.job_id)).state == "completed"
    assert starts == 3


async def test_a_site_that_says_next_year_is_given_up(db: Database, client: str) -> None:
    async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
        raise Later("The server is not available now (503).", 3e7)

    job = await service.submit(db, client, "site", {"url": "https://one.example/"})
    async with working(build(db, crawl=crawl)):
        failed = await ended(db, client, job.job_id)
    assert (failed.state, failed.error) == ("failed", "The server is not available now (503).")


async def test_a_compendium_is_kept_apart_and_left_out_when_not_wanted_in_the_result(db: Database, client: str) -> None:
    async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
        compendium = {"chars": 7, "available": True, "storage_location": None, "download_url": None}
        return {**await no_crawl(payload), "markdown_compendium": "# Hello", "compendium": compendium}

    asked = {"url": "https://one.example/", "mode": "compendium"}
    inside = await service.submit(db, client, "site", asked)
    apart = await service.submit(db, client, "site", {**asked, "compendium": {"include_in_response": False}})
    async with working(build(db, crawl=crawl)):
        for job in (inside, apart):
            await ended(db, client, job.job_id)
    for job, shown in ((inside, "# Hello"), (apart, None)):
        data = (await service.results(db, client, job.job_id)).data
        assert data is not None
        assert data["markdown_compendium"] == shown
        assert data["compendium"]["download_url"] == f"/api/v1/jobs/{job.job_id}/compendium"
        assert await service.compendium(db, client, job.job_id) == "# Hello"
    other = (await create_client(db, "other")).client_id
    with pytest.raises(NotFound):
        await service.compendium(db, other, apart.job_id)


async def test_a_job_without_a_compendium_says_how_to_ask_for_one(db: Database, client: str) -> None:
    job = await service.submit(db, client, "site", {"url": "https://one.example/"})
    async with working(build(db)):
        await ended(db, client, job.job_id)
    with pytest.raises(NotFound, match=r"compendium\.enabled"):
        await service.compendium(db, client, job.job_id)


async def test_a_site_waits_its_time_though_another_job_of_it_comes(db: Database, client: str) -> None:
    asked: list[str] = []

    async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
        asked.append(payload["url"])
        if payload["url"].endswith("/slow"):
            raise Later("Come back in an hour.", 3600)
        return await no_crawl(payload)

    put_off = await service.submit(db, client, "site", {"url": "https://one.example/slow"})
    async with working(build(db, crawl=crawl)):
        await until(lambda: db.pool.fetchval("select true from jobs where state = 'queued' and attempt = 1"))
        other = await service.submit(db, client, "site", {"url": "https://one.example/"})
        assert (await ended(db, client, other.job_id)).state == "completed"
        assert (await service.get(db, client, put_off.job_id)).state == "queued"
        assert asked == ["https://one.example/slow", "https://one.example/"]
        # Its time has come.
        await db.pool.execute("update jobs set not_before = now() where state = 'queued'")
        await db.pool.execute("update pgqueuer set execute_after = now()")
        await until(lambda: db.pool.fetchval("select true from jobs where attempt = 2"))


async def test_an_address_that_fails_does_not_fail_those_asked_with_it(db: Database, client: str) -> None:
    asked: list[str] = []

    async def ask(addresses: Any, options: dict[str, Any]) -> list[Answer]:
        asked.extend(addresses)
        if "bad@one.example" in addresses:
            raise RuntimeError("no idea")
        return await no_ask(addresses, options)

    other = (await create_client(db, "other")).client_id
    broken = await service.submit(db, client, "verify", {"emails": ["a@one.example", "bad@one.example"]})
    whole = await service.submit(db, other, "verify", {"emails": ["b@one.example"]})
    async with working(build(db, ask=ask)):
        failed = await ended(db, client, broken.job_id)
        assert (await ended(db, other, whole.job_id)).state == "completed"
    assert (failed.state, failed.error) == ("failed", "RuntimeError: no idea")
    assert asked.count("bad@one.example") >= ASKING.attempts


async def test_a_verdict_is_reused_for_its_client_and_for_a_while(db: Database, client: str) -> None:
    asked: list[str] = []

    async def ask(addresses: Any, options: dict[str, Any]) -> list[Answer]:
        asked.extend(addresses)
        status = {True: "unknown", False: "valid"}
        return [Answer({**result(one), "status": status["odd" in one]}, again=False) for one in addresses]

    async def verify(client: str, emails: list[str], **options: Any) -> None:
        job = await service.submit(db, client, "verify", {"emails": emails, **options})
        assert (await ended(db, client, job.job_id)).state == "completed"

    a, odd = "a@one.example", "odd@one.example"
    other = (await create_client(db, "other")).client_id
    async with working(build(db, ask=ask)):
        await verify(client, [a, odd])
        await verify(client, [a, odd, "c@one.example"])
        assert sorted(asked) == [a, "c@one.example", odd]
        asked.clear()
        await verify(other, [a])  # another client's
        await verify(client, [a], check_gravatar=True)  # asks for more
        await verify(client, [a], test=True)  # wants a new one
        assert asked == [a, a, a]
        asked.clear()
        await db.pool.execute("update verdicts set checked_at = now() - interval '7 hours'")
        await verify(client, [odd, a], smtp_timeout_secs=11)  # who knows now
        assert asked == [odd]
        await db.pool.execute("update verdicts set checked_at = now() - interval '31 days'")
        await verify(client, [a], smtp_timeout_secs=12)
        assert asked == [odd, a]


async def test_addresses_of_urgent_jobs_are_asked_first(db: Database, client: str) -> None:
    for number in range(2):
        emails = [f"{number}-{n}@one.example" for n in range(100)]
        await service.submit(db, client, "verify", {"emails": emails}, priority=5 * number)
    asked: list[str] = []

    async def ask(addresses: Any, options: dict[str, Any]) -> list[Answer]:
        asked.extend(addresses)
        return await no_ask(addresses, options)

    async with working(build(db, ask=ask)):
        await until(lambda: db.pool.fetchval("select count(*) = 2 from jobs where state = 'completed'"))
    assert {one[0] for one in asked[:100]} == {"1"}


async def test_many_jobs_of_a_website_follow_each_other_at_once(db: Database, client: str) -> None:
    """Were the key passed over when it comes back, nobody would work on it until its heartbeat is old."""
    for number in range(30):
        await service.submit(db, client, "site", {"url": f"https://one.example/{number}"})
    async with working(build(db, limits=Limits(concurrency=4, heartbeat_timeout=600, grace=0.1))):
        await until(lambda: db.pool.fetchval("select count(*) = 30 from jobs where state = 'completed'"))


async def test_a_pause_that_another_job_met_costs_no_attempt(db: Database, client: str) -> None:
    starts = 0

    async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
        nonlocal starts
        starts += 1
        if starts < 2 * QUICK.attempts:
            raise Later("The site asked to be left alone.", 0.0, tried=False)
        return await no_crawl(payload)

    job = await service.submit(db, client, "site", {"url": "https://one.example/"})
    async with working(build(db, crawl=crawl)):
        assert (await ended(db, client, job.job_id)).state == "completed"


async def test_results_that_are_stored_twice_are_the_same_twice(db: Database) -> None:
    data = {"emails": [], "markdown_compendium": "# Hello"}
    async with db.transaction() as conn:
        for _ in range(2):
            await put_results(conn, [(7, data)])
    row = await db.pool.fetchrow("select data, markdown from results")
    assert (row["data"], row["markdown"]) == ({"emails": [], "markdown_compendium": None}, "# Hello")


async def test_an_absurd_address_is_only_a_bad_one(db: Database, client: str) -> None:
    odd = "\u6f22" * 900 + "@one.example"
    job = await service.submit(db, client, "verify", {"emails": [odd, "a@one.example"]})
    async with working(build(db)):
        assert (await ended(db, client, job.job_id)).state == "completed"


async def test_bad_input_is_not_retried(db: Database, client: str) -> None:
    async def search(payload: dict[str, Any]) -> dict[str, Any]:
        raise InvalidInput("No such trade.")

    job = await service.submit(db, client, "maps", {"search_query": "x"})
    async with working(build(db, search=search)):
        failed = await ended(db, client, job.job_id)
    assert (failed.attempt, failed.error) == (1, "No such trade.")


async def test_failing_verification_fails_its_job_alone(db: Database, client: str) -> None:
    async def ask(addresses: Any, options: dict[str, Any]) -> list[Answer]:
        if addresses[0].endswith("bad.example"):
            raise RuntimeError("broken")
        return await no_ask(addresses, options)

    bad = await service.submit(db, client, "verify", {"emails": ["a@good.example", "a@bad.example"]})
    good = await service.submit(db, client, "verify", {"email": "b@good.example"})
    async with working(build(db, ask=ask)):
        assert (await ended(db, client, bad.job_id)).state == "failed"
        assert (await ended(db, client, good.job_id)).state == "completed"
    assert await db.pool.fetchval("select count(*) from pgqueuer") == 0


async def test_greylisted_address_is_asked_again(db: Database, client: str) -> None:
    asked = 0

    async def ask(addresses: Any, options: dict[str, Any]) -> list[Answer]:
        nonlocal asked
        asked += 1
        return [Answer(result(address), again=asked == 1) for address in addresses]

    job = await service.submit(db, client, "verify", {"email": "a@grey.example"})
    async with working(build(db, ask=ask)):
        await ended(db, client, job.job_id)
    data = (await service.results(db, client, job.job_id)).data
    assert asked == 2
    assert data is not None
    assert data["results"][0]["attempts"] == 2


async def test_running_job_is_cancelled(db: Database, client: str) -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise AssertionError

    job = await service.submit(db, client, "site", {"url": "https://one.example/"})
    async with working(build(db, crawl=crawl)):
        await started.wait()
        assert (await campaigns.cancel_job(db, client, job.job_id)).state == "cancelled"
        await stopped.wait()
        await until(lambda: db.pool.fetchval("select not exists (select 1 from pgqueuer)"))
    assert (await service.get(db, client, job.job_id)).state == "cancelled"
    with pytest.raises(IllegalState):
        await campaigns.cancel_job(db, client, job.job_id)


async def test_one_crawl_a_website_and_one_session_a_mail_domain(db: Database, client: str) -> None:
    """Three workers, many jobs of few websites and domains: never two of one at the same time, none left behind."""
    busy: dict[str, int] = {}

    async def alone(key: str) -> None:
        busy[key] = busy.get(key, 0) + 1
        assert busy[key] == 1
        await asyncio.sleep(0.001)
        busy[key] -= 1

    async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
        await alone(payload["url"].split("/")[2])
        return await no_crawl(payload)

    async def ask(addresses: Any, options: dict[str, Any]) -> list[Answer]:
        await alone(addresses[0].partition("@")[2])
        return await no_ask(addresses, options)

    async with working(*(build(db, crawl=crawl, ask=ask) for _ in range(3))):
        await asyncio.gather(
            *(service.submit(db, client, "site", {"url": f"https://s{n % 5}.example/{n}"}) for n in range(100)),
            *(service.submit(db, client, "verify", {"email": f"u{n}@d{n % 5}.example"}) for n in range(100)),
        )
        await until(lambda: db.pool.fetchval("select bool_and(state in ('completed', 'failed')) from jobs"))
    states = await db.pool.fetch("select type, state, count(*) as n from jobs group by 1, 2 order by 1")
    assert [tuple(row) for row in states] == [("site", "completed", 100), ("verify", "completed", 100)]
    assert await db.pool.fetchval("select count(*) from pgqueuer") == 0


async def test_stopping_worker_gives_its_work_back(db: Database, client: str) -> None:
    started = asyncio.Event()

    async def hang(payload: dict[str, Any]) -> dict[str, Any]:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    job = await service.submit(db, client, "maps", {"search_query": "x"})
    async with working(build(db, search=hang)):
        await started.wait()
    given_back = await service.get(db, client, job.job_id)
    assert (given_back.state, given_back.attempt) == ("queued", 0)
    async with working(build(db)):
        assert (await ended(db, client, job.job_id)).attempt == 1


async def claim_one(db: Database, entrypoint: str) -> list[Claim]:
    """Claimed by a manager that never heartbeats."""
    return await ClaimQueries.from_asyncpg_pool(db.pool).dequeue(
        batch_size=1,
        entrypoints={QueueEntrypoint(entrypoint): EntrypointExecutionParameter(0)},
        queue_manager_id=QueueManagerId(uuid4()),
        global_concurrency_limit=None,
        heartbeat_timeout=timedelta(minutes=1),
    )


async def test_higher_priority_goes_first(db: Database, client: str) -> None:
    """Also when the website is known to the queue already: the most urgent of its jobs decides."""
    for host, priority in [("a", 0), ("b", 5), ("a", 9), ("c", 7)]:
        await service.submit(db, client, "site", {"url": f"https://{host}.example/{priority}"}, priority)
    order = [key_of(claim) for _ in range(3) for claim in await claim_one(db, "site")]
    assert order == ["a.example", "c.example", "b.example"]


async def test_work_of_a_dead_worker_is_taken_over(db: Database, client: str) -> None:
    """A worker claims and begins a job, and is never heard of again."""
    job = await service.submit(db, client, "maps", {"search_query": "x"})
    dead = build(db)
    [claim] = await claim_one(db, "maps")
    async with db.transaction() as conn:
        await dead._begin(dead._steps[0], conn, [key_of(claim)])
    assert (await service.get(db, client, job.job_id)).state == "processing"
    async with working(build(db)):
        assert (await ended(db, client, job.job_id)).attempt == 2


async def test_database_connections_lost_in_the_middle(db: Database, client: str) -> None:
    """Every connection is cut again and again while jobs run; each still ends once."""
    ends: list[str] = []

    async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
        ends.append(payload["url"])
        return await no_crawl(payload)

    jobs = [await service.submit(db, client, "site", {"url": f"https://s{n}.example/"}) for n in range(60)]
    admin = await Database.connect(db.dsn)
    async with working(build(db, crawl=crawl)):
        for _ in range(3):
            await admin.pool.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            await asyncio.sleep(0.2)
        await until(
            lambda: admin.pool.fetchval("select bool_and(state in ('completed', 'failed', 'cancelled')) from jobs")
        )
    assert await admin.pool.fetchval("select count(*) from jobs where state = 'completed'") == len(jobs)
    assert await admin.pool.fetchval("select count(*) from results") == len(jobs)
    await admin.close()


async def test_queue_is_made_again_from_our_tables(db: Database, client: str) -> None:
    for type, payload in [
        ("maps", {"search_query": "x"}), ("site", {"url": "https://a.example"}), ("verify", {"email": "a@b.example"}),
    ]:  # fmt: skip
        await service.submit(db, client, type, payload)  # type: ignore[arg-type]
    await db.pool.execute("delete from pgqueuer")
    await db.pool.execute("update jobs set updated_at = now() - interval '5 minutes'")
    async with db.transaction() as conn:
        await requeue_forgotten(conn)
    keys = {row["dedupe_key"] for row in await db.pool.fetch("select dedupe_key from pgqueuer")}
    assert {key.split(":")[0] for key in keys} == {"maps", "site", "verify"}


async def test_whole_campaign(db_with_gazetteer: Database) -> None:
    """Auto-dispatch, two workers, a queue limit of three crawls: the chain runs to its end by itself."""
    db = db_with_gazetteer
    client = (await create_client(db, "test")).client_id

    async def search(payload: dict[str, Any]) -> dict[str, Any]:
        names = [f"{payload['location_id']}-{n}" for n in range(20)]
        places = [{"place_id": name, "name": name, "website": f"https://w{name}.example"} for name in names]
        return {"query": "x", "results_count": 20, "businesses": places, "metadata": {}}

    async def crawl(payload: dict[str, Any]) -> dict[str, Any]:
        host = payload["url"].split("/")[2]
        return {**await no_crawl(payload), "emails": [f"info@{host}", "shared@group.example"]}

    asked: list[str] = []

    async def ask(addresses: Any, options: dict[str, Any]) -> list[Answer]:
        asked.extend(addresses)
        return await no_ask(addresses, options)

    workers = [build(db, search=search, crawl=crawl, ask=ask) for _ in range(2)]
    for worker in workers:
        for step in worker._steps:
            step._followers.inflight = 3
    spec = CampaignSpec(
        "bars", "LI", workflow=Workflow(SiteStage(True), VerifyStage(True)), dispatch="auto", max_inflight=2
    )
    id = (await campaigns.create(db, client, spec)).campaign_id
    async with working(*workers):

        async def completed() -> bool:
            return (await campaigns.status(db, client, id)).status == "completed"

        await until(completed)
        await until(lambda: db.pool.fetchval("select finished_at is not null from campaigns"))
    counts = (await campaigns.status(db, client, id)).counts
    assert counts.completed == 14
    assert counts.results == counts.leads == counts.sites_completed == counts.verifies_completed == 280
    assert counts.emails_found == counts.emails_verified == counts.emails_valid == 560
    assert asked.count("shared@group.example") < 280
    assert await counters.differences(db) == []
    terminal = await db.pool.fetch("select data from events where type = 'campaign.terminal'")
    assert [row["data"]["terminal"] for row in terminal] == ["completed"]


async def test_unknown_jobs(db: Database, client: str) -> None:
    for id in ("nonsense", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(NotFound):
            await service.get(db, client, id)
