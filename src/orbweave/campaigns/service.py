"""What can be asked of campaigns. Every function is one transaction and sees only the client's own campaigns.

Raises InvalidInput (unknown country, filter without matches), NotFound, IllegalState, Conflict.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import unicodedata
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

import asyncpg

from orbweave import locations as gazetteer
from orbweave import maps
from orbweave.campaigns import chain, codec, filters
from orbweave.campaigns.advance import Advance, campaign, check_rows
from orbweave.campaigns.spec import CampaignSpec
from orbweave.campaigns.status import CampaignStatus, Counts, Status
from orbweave.errors import Conflict, IllegalState, InvalidInput, NotFound
from orbweave.jobs.followers import MapsEnd, SiteEnd, VerifyEnd
from orbweave.jobs.model import Begun, Job
from orbweave.jobs.queue import CANCEL_CHANNEL, enqueue
from orbweave.jobs.service import load_job
from orbweave.locations import Location
from orbweave.store import counters
from orbweave.store import locations as store_locations
from orbweave.store.database import Database
from orbweave.store.events import Event, record
from orbweave.store.sql import sql

MAX_LOCATIONS = 10_000
RETRIES_A_LOCATION = 3
EXPORT_PAGE = 500
GUESSED_BUSINESSES = 20
LOOKED_AT = 50
"""Locations, the largest, that an estimate looks at one by one, and at most so many of the others."""

advance = Advance(os.getpid())


@dataclass(frozen=True, slots=True)
class Task:
    """A dispatched location."""

    job_id: str
    location_id: int
    search_string: str
    display_name: str


@dataclass(frozen=True, slots=True)
class NextLocation:
    task: Task | None
    campaign: CampaignStatus


@dataclass(frozen=True, slots=True)
class Estimate:
    total_locations: int
    estimated_businesses: int
    site_jobs: int
    verify_jobs: int
    matched: maps.Understanding


@dataclass(frozen=True, slots=True)
class CampaignPage:
    total: int
    campaigns: Sequence[CampaignStatus]


@dataclass(frozen=True, slots=True)
class Lead:
    """A business of a campaign with what became of it. ``place`` is a contract 2.1 business, ``site`` the contract 2.2
    data (None unless crawled), ``verdicts`` contract 2.3 results."""

    lead_id: int
    location_id: int
    search_string: str
    display_name: str
    location_status: str
    place: dict[str, Any]
    domain: str | None
    domain_filtered: bool
    filter_reason: str | None
    site_status: str
    site: dict[str, Any] | None
    site_error: str | None
    verify_status: str
    verdicts: Sequence[dict[str, Any]]
    stage: str


@dataclass(frozen=True, slots=True)
class LeadPage:
    """``total`` counts the leads that match, ``leads`` is one page in location order; ``locations`` maps the location
    ids of the page to their number of businesses."""

    campaign: CampaignStatus
    total: int
    leads: Sequence[Lead]
    locations: dict[int, int]


@dataclass(frozen=True, slots=True)
class Retried:
    new_status: str
    retry_count: int
    job_id: str


async def create(
    db: Database,
    client_id: str,
    spec: CampaignSpec,
    *,
    sources: maps.Sources | None = None,
    max_locations: int = MAX_LOCATIONS,
) -> CampaignStatus:
    await matched(spec, sources)
    async with db.transaction() as conn:
        chosen = await select_locations(conn, spec, max_locations)
        campaign_id = new_id(spec)
        await conn.execute(
            sql("campaigns/create"),
            campaign_id,
            client_id,
            spec.name,
            spec.query,
            spec.country_code,
            spec.filter.given,
            spec.workflow and spec.workflow.given,
            codec.encode(spec),
            spec.dispatch,
            spec.max_inflight,
        )
        await conn.execute(
            sql("campaigns/add_locations"),
            campaign_id,
            [location.location_id for location in chosen],
            [f"{spec.query} {location.search_string}" for location in chosen],
            [location.display_name for location in chosen],
        )
        await counters.add(conn, advance.slot, {campaign_id: Counter(pending=len(chosen))})
        await record(conn, [Event(client_id, "campaign.created", campaign_id, data={"total_locations": len(chosen)})])
        if spec.dispatch == "auto":
            row = await conn.fetchrow(sql("campaigns/share_one"), campaign_id, client_id)
            await advance.dispatch(conn, campaign(row), spec.max_inflight)
        return await _status(conn, client_id, campaign_id)


async def matched(spec: CampaignSpec, sources: maps.Sources | None = None) -> maps.Understanding:
    """How the query is understood. Raises InvalidInput for one that is not, or a source that is not there."""
    source = await _source(spec, sources)
    if source is None:
        return maps.understand(spec.query, spec.lang)
    return await maps.meaning(spec.query, spec.lang, source, spec.country_code)


async def _source(spec: CampaignSpec, sources: maps.Sources | None) -> maps.Source | None:
    """Where the campaign's places come from; None where nothing has its country."""
    try:
        return await (sources or maps.packaged_sources()).choose(spec.source, spec.country_code)
    except maps.NoSource:
        return None


async def warning(
    spec: CampaignSpec, understanding: maps.Understanding, sources: maps.Sources | None = None
) -> str | None:
    """What the client should know of the campaign beforehand; None when there is nothing."""
    try:
        await (sources or maps.packaged_sources()).choose(spec.source, spec.country_code)
    except maps.NoSource as error:
        return f"Its searches will fail: {error}"
    if understanding.place:
        return (
            f"The query names a place ({understanding.place}), which is not looked at: country_code and filter say"
            " where a campaign searches."
        )
    return None


async def select_locations(
    conn: asyncpg.Connection[Any] | asyncpg.Pool[Any], spec: CampaignSpec, max_locations: int
) -> list[Location]:
    """The locations of the campaign in dispatch order. InvalidInput says what there is when there is none."""
    gazetteer.country_code(spec.country_code)
    condition = await asyncio.to_thread(filters.condition, spec.filter, spec.country_code)
    found = await store_locations.matching(conn, spec.country_code, condition, limit=max_locations + 1)
    if len(found) > max_locations:
        raise InvalidInput(
            f"The filter selects more than {max_locations} locations. Narrow it (population, regions, bbox), or raise"
            " ORBWEAVE_MAX_LOCATIONS.",
            field="filter",
        )
    if spec.filter.mode == "custom":
        missing = sorted(set(spec.filter.location_ids) - {location.location_id for location in found})
        if missing:
            raise InvalidInput(
                f"No location {', '.join(map(str, missing[:10]))} in {spec.country_code}; /locations lists them.",
                field="filter.location_ids",
            )
        if twice := {location.parent_id for location in found} & set(spec.filter.location_ids):
            raise InvalidInput(
                f"Location {min(filter(None, twice))} is asked for as a whole and by its postcodes; take one.",
                field="filter.location_ids",
            )
    if not found:
        raise InvalidInput(await _what_there_is(conn, spec), field="filter")
    return found


async def _what_there_is(conn: Any, spec: CampaignSpec) -> str:
    largest = await store_locations.matching(conn, spec.country_code, store_locations.Condition(), limit=1)
    name = gazetteer.countries()[spec.country_code]
    if not largest:
        return f"The gazetteer has no populated place in {name}."
    match spec.filter.mode:
        case "regions":
            regions = [row["admin_region"] for row in await conn.fetch(sql("locations/regions"), spec.country_code)]
            shown = ", ".join(regions[:30]) + (" …" if len(regions) > 30 else "")
            return f"No location of {name} is in these regions. There are: {shown}."
        case "city":
            city = filters.city(spec.filter.parent_city or "", spec.country_code)
            return (
                f"No postcodes of {city.name} are known: they come from the addresses of an import"
                f" (`orbweave places add {spec.country_code}`). For the city as a whole use the filter mode custom with"
                f" location_ids [{city.location_id}]."
            )
        case "population":
            return (
                f"No location of {name} has such a population. The largest is {largest[0].name} with"
                f" {largest[0].population:,}."
            )
        case _:
            return f"No location of {name} matches the filter. The largest is {largest[0].name}."


async def estimate(
    db: Database, spec: CampaignSpec, *, sources: maps.Sources | None = None, max_locations: int = MAX_LOCATIONS
) -> Estimate:
    """What the campaign would do, from the place source where it can tell, else from a documented guess of 20
    businesses a location, half of them with a website. Of many locations the largest are looked at, and as many of the
    rest, which stand for it. Writes nothing."""
    chosen = await select_locations(db.pool, spec, max_locations)
    understanding = await matched(spec, sources)
    source = await _source(spec, sources)
    if source is not None and maps.is_local(source):
        largest, rest = chosen[:LOOKED_AT], chosen[LOOKED_AT:]
        some = rest[:: -(-len(rest) // LOOKED_AT) or 1]
        total, sites = await _count(source, spec, understanding, largest)
        if some:
            more, more_sites = await _count(source, spec, understanding, some)
            total += round(more * len(rest) / len(some))
            sites += round(more_sites * len(rest) / len(some))
    else:
        total = len(chosen) * min(spec.max_results, GUESSED_BUSINESSES)
        sites = total // 2 if spec.workflow and spec.workflow.site.enabled else 0
    verifies = sites if spec.workflow and spec.workflow.verify.enabled else 0
    return Estimate(len(chosen), total, sites, verifies, understanding)


async def _count(
    source: maps.Source, spec: CampaignSpec, understanding: maps.Understanding, where: Sequence[Location]
) -> tuple[int, int]:
    """Businesses that would be found in these locations, and those with a website to look at."""
    businesses = sites = 0
    for location in where:
        found = source.places(maps.Wanted(spec.country_code, understanding, location))
        here = 0
        async for place in found:
            here += 1
            sites += chain.candidate(place.business(), spec.workflow).url is not None
            if here == spec.max_results:
                break
        businesses += here
    return businesses, sites


async def next_location(db: Database, client_id: str, campaign_id: str) -> NextLocation:
    async with db.transaction() as conn:
        found = await _campaign(conn, "campaigns/share_one", client_id, campaign_id)
        tasks = await advance.dispatch(conn, found, 1) if found.state == "active" else []
        status = await _status(conn, client_id, campaign_id)
    task = Task(tasks[0].job_id, tasks[0].location_id, tasks[0].search_string, tasks[0].display_name) if tasks else None
    return NextLocation(task, status)


async def status(db: Database, client_id: str, campaign_id: str) -> CampaignStatus:
    async with db.pool.acquire() as conn:
        return await _status(conn, client_id, campaign_id)


async def stop(db: Database, client_id: str, campaign_id: str) -> CampaignStatus:
    return await _halt(db, client_id, campaign_id, "stopped", None)


async def pause(db: Database, client_id: str, campaign_id: str, reason: str) -> CampaignStatus:
    return await _halt(db, client_id, campaign_id, "paused", reason)


async def _halt(
    db: Database, client_id: str, campaign_id: str, state: Literal["stopped", "paused"], reason: str | None
) -> CampaignStatus:
    async with db.transaction() as conn:
        found = await _campaign(conn, "campaigns/lock", client_id, campaign_id)
        if (await _status(conn, client_id, campaign_id)).status == "completed":
            raise IllegalState("The campaign is completed; there is nothing left to stop.")
        if found.state != state:
            await conn.execute(sql("campaigns/set_state"), campaign_id, state, reason)
            await record(conn, [Event(client_id, f"campaign.{state}", campaign_id, data={"reason": reason})])
        return await _status(conn, client_id, campaign_id)


async def resume(db: Database, client_id: str, campaign_id: str) -> CampaignStatus:
    async with db.transaction() as conn:
        found = await _campaign(conn, "campaigns/lock", client_id, campaign_id)
        now = await _status(conn, client_id, campaign_id)
        if now.status == "completed":
            raise IllegalState("The campaign is completed; there is nothing left to continue.")
        if found.state != "active":
            await conn.execute(sql("campaigns/set_state"), campaign_id, "active", None)
            await record(conn, [Event(client_id, "campaign.continued", campaign_id)])
            if found.dispatch == "auto":
                await advance.dispatch(conn, found, max(0, found.max_inflight - now.counts.submitted))
        return await _status(conn, client_id, campaign_id)


async def rename(db: Database, client_id: str, campaign_id: str, name: str) -> CampaignStatus:
    async with db.transaction() as conn:
        await conn.execute(sql("campaigns/rename"), campaign_id, client_id, name)
        return await _status(conn, client_id, campaign_id)


async def delete(db: Database, client_id: str, campaign_id: str) -> int:
    """Number of locations deleted. Conflict while jobs run."""
    async with db.transaction() as conn:
        await _campaign(conn, "campaigns/lock", client_id, campaign_id)
        if await conn.fetchval(sql("campaigns/running"), campaign_id):
            raise Conflict("Jobs of this campaign are queued or running. Stop it and wait for them, or cancel them.")
        deleted: int = await conn.fetchval(sql("campaigns/delete"), campaign_id)
        return deleted


async def retry_location(
    db: Database, client_id: str, campaign_id: str, location_id: int, mode: Literal["full", "site", "verify"]
) -> Retried:
    """``full`` searches a failed or completed location again, ``site`` and ``verify`` repeat what failed of its leads.
    IllegalState when there is nothing to repeat or the location was retried three times."""
    async with db.transaction() as conn:
        await _campaign(conn, "campaigns/lock", client_id, campaign_id)
        row = await conn.fetchrow(sql("campaigns/location"), campaign_id, location_id)
        if row is None:
            raise NotFound(f"There is no location {location_id} in campaign {campaign_id}.")
        if row["retries"] >= RETRIES_A_LOCATION:
            raise IllegalState(f"This location was retried {RETRIES_A_LOCATION} times already.")
        if row["state"] not in ("completed", "failed"):
            raise IllegalState(f"The location is {row['state']}; only completed and failed locations can be retried.")
        if mode == "full":
            job_id = await _repeat_search(conn, campaign_id, row)
        else:
            job_id = await _repeat_leads(conn, campaign_id, row["ord"], mode)
        await conn.execute(sql("campaigns/count_retry"), campaign_id, location_id)
        await conn.execute(sql("campaigns/reopen"), campaign_id)
    return Retried("submitted" if mode == "full" else row["state"], row["retries"] + 1, job_id)


async def _repeat_search(conn: asyncpg.Connection[Any], campaign_id: str, location: Any) -> str:
    [job] = await conn.fetch(sql("jobs/reset"), [location["job"]])
    unseen = int((await conn.execute(sql("leads/unsight"), location["job"])).split()[-1])
    await conn.execute(sql("campaigns/resubmit_location"), campaign_id, location["location_id"])
    await enqueue(conn, "maps", [(job["key"], job["priority"])])
    change = Counter({location["state"]: -1, "queued": 1, "results": -unseen})
    await counters.add(conn, advance.slot, {campaign_id: change})
    return str(job["job_id"])


async def _repeat_leads(
    conn: asyncpg.Connection[Any], campaign_id: str, ord: int, mode: Literal["site", "verify"]
) -> str:
    rows = await conn.fetch(sql("leads/failed_site" if mode == "site" else "leads/failed_verify"), campaign_id, ord)
    if not rows:
        raise IllegalState(f"No {mode} job of this location failed.")
    jobs = await conn.fetch(sql("jobs/reset"), sorted(row["job"] for row in rows))
    stage = "sites" if mode == "site" else "verifies"
    if mode == "site":
        await enqueue(conn, "site", [(job["key"], job["priority"]) for job in jobs])
    else:
        await _repeat_checks(conn, campaign_id, [job["id"] for job in jobs])
    change = Counter({f"{stage}_queued": len(jobs), f"{stage}_failed": -len(jobs)})
    await counters.add(conn, advance.slot, {campaign_id: change})
    return str(jobs[0]["job_id"])


async def _repeat_checks(conn: asyncpg.Connection[Any], campaign_id: str, jobs: list[int]) -> None:
    """What failed or was cancelled dropped its waiting checks; those that got a verdict keep it."""
    for row in await conn.fetch(sql("checks/missing"), jobs):
        checks = [
            check for check in check_rows(row["id"], campaign_id, row["emails"]) if check["ord"] not in row["done"]
        ]
        await conn.execute(sql("checks/insert"), checks)
        await enqueue(conn, "verify", [(check["domain"], row["priority"]) for check in checks])


async def list_campaigns(
    db: Database, client_id: str, *, status: Status | None, country_code: str | None, page: int, page_size: int
) -> CampaignPage:
    code = country_code.upper() if country_code else None
    rows = await db.pool.fetch(sql("campaigns/list"), client_id, status, code, page_size, (page - 1) * page_size)
    total = rows[0]["total"] if rows else 0
    if not rows and page > 1:
        first = await db.pool.fetchrow(sql("campaigns/list"), client_id, status, code, 1, 0)
        total = first["total"] if first else 0
    return CampaignPage(total, [_read_status(row) for row in rows])


async def leads(
    db: Database,
    client_id: str,
    campaign_id: str,
    *,
    include_pending: bool,
    min_valid_emails: int | None,
    page: int,
    page_size: int,
) -> LeadPage:
    async with db.pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        now = await _status(conn, client_id, campaign_id)
        limits = page_size, (page - 1) * page_size
        if min_valid_emails is None and (include_pending or now.status == "completed"):
            total, rows = now.counts.leads, await conn.fetch(sql("leads/page_all"), campaign_id, *limits)
        else:
            chosen = campaign_id, include_pending, min_valid_emails
            total = await conn.fetchval(sql("leads/count"), *chosen)
            rows = await conn.fetch(sql("leads/page"), *chosen, *limits)
        sizes = await conn.fetch(sql("leads/per_location"), campaign_id, sorted({row["ord"] for row in rows}))
        locations = {row["location_id"]: row["businesses"] for row in sizes}
        return LeadPage(now, total, await _leads(conn, rows), locations)


async def job_leads(db: Database, client_id: str, campaign_id: str, job_id: str) -> tuple[Job, list[Lead]]:
    """A maps job of the campaign and its leads, in the order it returned them."""
    async with db.pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        row = await conn.fetchrow(sql("jobs/get"), job_id, client_id)
        if row is None or row["campaign_id"] != campaign_id or row["type"] != "maps":
            raise NotFound(f"There is no spiderMaps job {job_id} in campaign {campaign_id}.")
        found = await _leads(conn, await conn.fetch(sql("leads/of_job"), campaign_id, row["id"]))
        return load_job(row), found


async def export(db: Database, client_id: str, campaign_id: str) -> AsyncIterator[Lead]:
    """Every lead in location order, paged by key: constant memory, no long transaction."""
    await status(db, client_id, campaign_id)
    last = (-1, -1)
    while True:
        async with db.pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
            rows = await conn.fetch(sql("leads/after"), campaign_id, *last, EXPORT_PAGE)
            found = await _leads(conn, rows)
        for lead in found:
            yield lead
        if len(rows) < EXPORT_PAGE:
            return
        last = rows[-1]["ord"], rows[-1]["id"]


async def cancel_job(db: Database, client_id: str, job_id: str) -> Job:
    """Stop a queued or running job and drop its partial results. IllegalState when it has ended."""
    async with db.transaction() as conn:
        row = await conn.fetchrow(sql("jobs/lock"), job_id, client_id)
        if row is None:
            raise NotFound(f"There is no job {job_id}.")
        if row["state"] not in ("queued", "processing"):
            raise IllegalState(f"The job is {row['state']}; only queued and processing jobs can be cancelled.")
        if row["type"] == "verify":
            await conn.execute(sql("checks/drop"), [row["id"]])
        await conn.execute(sql("jobs/cancel"), row["id"])
        await record(conn, [Event(client_id, "job.cancelled", row["campaign_id"], job_id)])
        if row["campaign_id"] is not None:
            await _cancelled(conn, row)
        await conn.execute("select pg_notify($1, $2)", CANCEL_CHANNEL, str(row["id"]))
        return load_job(await conn.fetchrow(sql("jobs/get"), job_id, client_id))


async def _cancelled(conn: asyncpg.Connection[Any], row: Any) -> None:
    job = Begun.of(row)
    match row["type"]:
        case "maps":
            await advance.maps_ended(conn, [MapsEnd(job, None, "cancelled", was_queued=row["state"] == "queued")])
        case "site":
            await advance.sites_ended(conn, [SiteEnd(job, None, "cancelled")])
        case "verify":
            await advance.verifies_ended(conn, [VerifyEnd(job, None, "cancelled")])


def new_id(spec: CampaignSpec) -> str:
    plain = unicodedata.normalize("NFKD", spec.query).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or "query"
    return f"camp_{spec.country_code.lower()}_{slug}_{datetime.now(UTC):%Y%m%d}_{secrets.token_hex(4)}"


async def _campaign(conn: asyncpg.Connection[Any], query: str, client_id: str, campaign_id: str) -> Any:
    row = await conn.fetchrow(sql(query), campaign_id, client_id)
    if row is None:
        raise NotFound(f"There is no campaign {campaign_id}.")
    return campaign(row)


async def _status(conn: asyncpg.Connection[Any], client_id: str, campaign_id: str) -> CampaignStatus:
    row = await conn.fetchrow(sql("campaigns/status"), campaign_id, client_id)
    if row is None:
        raise NotFound(f"There is no campaign {campaign_id}.")
    return _read_status(row)


_COUNTS = tuple(field.name for field in fields(Counts))


def _read_status(row: Any) -> CampaignStatus:
    return CampaignStatus(
        campaign_id=row["campaign_id"],
        name=row["name"],
        state=row["state"],
        query=row["query"],
        country_code=row["country_code"],
        filter_given=row["filter"],
        workflow_given=row["workflow"],
        counts=Counts(**{name: row[name] for name in _COUNTS}),
        pause_reason=row["pause_reason"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


async def _leads(conn: asyncpg.Connection[Any], rows: Sequence[Any]) -> list[Lead]:
    verify_jobs = [row["verify_job"] for row in rows if row["verify_job"] is not None]
    verdicts = {row["job"]: row["verdicts"] for row in await conn.fetch(sql("checks/of_jobs"), verify_jobs)}
    return [
        Lead(
            lead_id=row["id"],
            location_id=row["location_id"],
            search_string=row["search_string"],
            display_name=row["display_name"],
            location_status=row["location_state"],
            place=row["place"],
            domain=row["domain"],
            domain_filtered=row["filter_reason"] is not None,
            filter_reason=row["filter_reason"],
            site_status=row["site_state"],
            site=row["site"],
            site_error=row["site_error"],
            verify_status=row["verify_state"],
            verdicts=verdicts.get(row["verify_job"], []),
            stage=row["stage"],
        )
        for row in rows
    ]
