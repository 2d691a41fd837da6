"""What follows when a campaign's jobs start and end, written in the transaction that ends them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg
import orjson

from orbweave.campaigns import chain, codec
from orbweave.campaigns.spec import CampaignSpec, Workflow
from orbweave.jobs.followers import MapsEnd, SiteEnd, VerifyEnd
from orbweave.jobs.model import Begun
from orbweave.jobs.queue import enqueue
from orbweave.site import site_key
from orbweave.store import counters, jobs
from orbweave.store.events import Event, record
from orbweave.store.sql import sql
from orbweave.verify import domain_of


@dataclass(frozen=True, slots=True)
class Campaign:
    """The row as the finishing transaction sees it, held shared: its state cannot change before we commit."""

    campaign_id: str
    client_id: str
    state: str
    dispatch: str
    max_inflight: int
    spec: CampaignSpec

    @property
    def dispatches(self) -> bool:
        return self.state == "active" and self.dispatch == "auto"


@dataclass(frozen=True, slots=True)
class Dispatched:
    job: int
    job_id: str
    location_id: int
    search_string: str
    display_name: str


class Advance:
    """Implements ``jobs.followers.Followers``. ``slot`` is this process's counter slot; ``inflight`` the most site jobs
    of one campaign that the queue knows of."""

    def __init__(self, slot: int, *, inflight: int = 500) -> None:
        self.slot = slot
        self.inflight = inflight

    # -- locations

    async def dispatch(self, conn: asyncpg.Connection, campaign: Campaign, n: int) -> list[Dispatched]:
        """Take up to ``n`` pending locations, in order, and submit their maps jobs."""
        taken = await conn.fetch(sql("campaigns/take_pending"), campaign.campaign_id, n)
        if not taken:
            return []
        taken.sort(key=lambda row: row["ord"])
        ids = await jobs.allocate_ids(conn, len(taken))
        spec = campaign.spec
        inserted = await jobs.insert(
            conn,
            [
                {
                    "id": id,
                    "client_id": campaign.client_id,
                    "type": "maps",
                    "campaign_id": campaign.campaign_id,
                    "location_id": row["location_id"],
                    "key": str(id),
                    "payload": {
                        "search_query": spec.query,
                        "country": spec.country_code,
                        "location_id": row["location_id"],
                        "max_results": spec.max_results,
                        "lang": spec.lang,
                        "source": spec.source,
                    },
                }
                for id, row in zip(ids, taken, strict=True)
            ],
        )
        public = {row["id"]: str(row["job_id"]) for row in inserted}
        await conn.execute(sql("campaigns/link_jobs"), campaign.campaign_id, [row["location_id"] for row in taken], ids)
        await enqueue(conn, "maps", [(str(id), 0) for id in ids])
        await counters.add(conn, self.slot, {campaign.campaign_id: Counter(pending=-len(taken), queued=len(taken))})
        await record(conn, [Event(campaign.client_id, "job.queued", campaign.campaign_id, public[id]) for id in ids])
        return [
            Dispatched(id, public[id], row["location_id"], row["search_string"], row["display_name"])
            for id, row in zip(ids, taken, strict=True)
        ]

    async def maps_started(self, conn: asyncpg.Connection, started: Sequence[Begun]) -> None:
        deltas: counters.Deltas = defaultdict(Counter)
        for job in started:
            deltas[_campaign(job)].update(queued=-1, processing=1)
        await counters.add(conn, self.slot, deltas)
        await record(conn, [Event(job.client_id, "job.started", job.campaign_id, job.job_id) for job in started])

    async def maps_requeued(self, conn: asyncpg.Connection, requeued: Sequence[Begun]) -> None:
        deltas: counters.Deltas = defaultdict(Counter)
        for job in requeued:
            deltas[_campaign(job)].update(processing=-1, queued=1)
        await counters.add(conn, self.slot, deltas)

    async def maps_ended(self, conn: asyncpg.Connection, ends: Sequence[MapsEnd]) -> None:
        if not ends:
            return
        campaigns = await share(conn, {_campaign(end.job) for end in ends})
        deltas: counters.Deltas = defaultdict(Counter)
        rows = await conn.fetch(
            sql("campaigns/end_locations"),
            [_campaign(end.job) for end in ends],
            [end.job.location_id for end in ends],
            ["failed" if end.places is None else "completed" for end in ends],
        )
        order = {(row["campaign_id"], row["location_id"]): row["ord"] for row in rows}
        found: dict[tuple[str, str], tuple[MapsEnd, chain.Candidate]] = {}
        seen: list[tuple[str, str, int, int]] = []
        for end in ends:
            campaign_id = _campaign(end.job)
            places = chain.unique_places(end.places or ())
            deltas[campaign_id].update(
                {
                    "queued" if end.was_queued else "processing": -1,
                    "failed" if end.places is None else "completed": 1,
                    "results": len(places),
                }
            )
            for position, place in enumerate(places):
                candidate = chain.candidate(place, campaigns[campaign_id].spec.workflow)
                found.setdefault((campaign_id, candidate.key), (end, candidate))
                seen.append((campaign_id, candidate.key, end.job.id, position))
        await self._add_leads(conn, campaigns, found, order, deltas)
        if seen:
            await conn.execute(sql("leads/sight"), *zip(*seen, strict=True))
        await counters.add(conn, self.slot, deltas)
        await record(conn, [_location_event(end) for end in ends])
        ended = Counter(_campaign(end.job) for end in ends)
        for campaign_id, n in sorted(ended.items()):
            if campaigns[campaign_id].dispatches:
                await self.dispatch(conn, campaigns[campaign_id], n)

    async def _add_leads(
        self,
        conn: asyncpg.Connection,
        campaigns: dict[str, Campaign],
        found: dict[tuple[str, str], tuple[MapsEnd, chain.Candidate]],
        order: dict[tuple[str, int], int],
        deltas: counters.Deltas,
    ) -> None:
        if not found:
            return
        payloads = {
            key: chain.site_payload(_workflow(campaigns[key[0]]), one.url, campaigns[key[0]].spec.country_code)
            for key, (_, one) in found.items()
            if one.url
        }
        inserted = await conn.fetch(
            sql("leads/insert"),
            [
                {
                    "campaign_id": key[0],
                    "business_key": key[1],
                    "ord": order[key[0], end.job.location_id or 0],
                    "location_id": end.job.location_id,
                    "place": one.place,
                    "domain": one.domain,
                    "filter_reason": one.filter_reason,
                    "payload": payloads.get(key),
                }
                for key, (end, one) in found.items()
            ],
        )
        rows: list[dict[str, Any]] = []
        for campaign_id, business_key in inserted:
            end, one = found[campaign_id, business_key]
            deltas[campaign_id].update(
                leads=1,
                with_domains=one.domain is not None,
                filtered=one.filter_reason is not None,
                businesses=one.url is not None,
            )
            if one.url:
                rows.append(
                    {
                        "client_id": end.job.client_id,
                        "type": "site",
                        "campaign_id": campaign_id,
                        "location_id": end.job.location_id,
                        "key": site_key(one.url),
                        "payload": payloads[campaign_id, business_key],
                        "priority": end.job.priority,
                    }
                )
        await self._insert_sites(conn, rows, deltas)

    async def _insert_sites(
        self, conn: asyncpg.Connection, rows: list[dict[str, Any]], deltas: counters.Deltas
    ) -> None:
        """Insert site jobs; as many as a campaign's limit has room for become known to the queue."""
        if not rows:
            return
        of = sorted({row["campaign_id"] for row in rows})
        room = {
            row["campaign_id"]: self.inflight - row["n"]
            for row in await conn.fetch(sql("jobs/count_admitted"), of, "site")
        }
        for row in rows:
            row["admitted"] = room[row["campaign_id"]] > 0
            room[row["campaign_id"]] -= 1
        inserted = await jobs.insert(conn, rows)
        for row in inserted:
            deltas[row["campaign_id"]].update(sites_queued=1)
        await enqueue(conn, "site", [(row["key"], row["priority"]) for row in inserted if row["admitted"]])

    # -- websites

    async def sites_ended(self, conn: asyncpg.Connection, ends: Sequence[SiteEnd]) -> None:
        if not ends:
            return
        campaigns = await share(conn, {_campaign(end.job) for end in ends})
        deltas: counters.Deltas = defaultdict(Counter)
        to_check = {
            end.job.id: chain.addresses(end.emails, _workflow(campaigns[_campaign(end.job)]))
            for end in ends
            if end.emails
        }
        verify_jobs = dict(
            zip(
                [id for id, found in to_check.items() if found],
                await jobs.allocate_ids(conn, sum(1 for found in to_check.values() if found)),
                strict=True,
            )
        )
        rows: list[dict[str, Any]] = []
        checks: list[dict[str, Any]] = []
        for end in ends:
            campaign_id, verify_job = _campaign(end.job), verify_jobs.get(end.job.id)
            deltas[campaign_id].update(
                {
                    "sites_queued": -1,
                    "sites_failed" if end.emails is None else "sites_completed": 1,
                    "emails_found": len(end.emails or ()),
                    "verifies_queued": int(verify_job is not None),
                }
            )
            if verify_job:
                rows.append(
                    {
                        "id": verify_job,
                        "client_id": end.job.client_id,
                        "type": "verify",
                        "campaign_id": campaign_id,
                        "location_id": end.job.location_id,
                        "payload": {
                            **_workflow(campaigns[campaign_id]).verify.payload,
                            "emails": to_check[end.job.id],
                        },
                        "priority": end.job.priority,
                    }
                )
                checks += check_rows(verify_job, campaign_id, to_check[end.job.id])
        await jobs.insert(conn, rows)
        if verify_jobs:
            await conn.execute(sql("jobs/link_verifies"), list(verify_jobs), list(verify_jobs.values()))
        await jobs.insert_checks(conn, checks)
        priority = {row["id"]: row["priority"] for row in rows}
        await enqueue(conn, "verify", [(check["domain"], priority[check["job"]]) for check in checks])
        await counters.add(conn, self.slot, deltas)

    async def admit(self, conn: asyncpg.Connection, campaign_id: str, n: int) -> None:
        """Let the next ``n`` of the campaign's waiting crawls into the queue."""
        admitted = await jobs.admit(conn, campaign_id, "site", n)
        await enqueue(conn, "site", [(key, priority) for _, key, priority in admitted])

    # -- addresses

    async def checked(self, conn: asyncpg.Connection, campaign_ids: Sequence[str]) -> None:
        await counters.add(conn, self.slot, {id: Counter(emails_verified=n) for id, n in Counter(campaign_ids).items()})

    async def verifies_ended(self, conn: asyncpg.Connection, ends: Sequence[VerifyEnd]) -> None:
        if not ends:
            return
        deltas: counters.Deltas = defaultdict(Counter)
        for end in ends:
            deltas[_campaign(end.job)].update(
                {
                    "verifies_queued": -1,
                    "verifies_failed" if end.verdicts is None else "verifies_completed": 1,
                    "emails_valid": end.valid,
                }
            )
        await counters.add(conn, self.slot, deltas)


def check_rows(job: int, campaign_id: str | None, emails: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"job": job, "campaign_id": campaign_id, "ord": ord, "address": email, "domain": domain_of(email)}
        for ord, email in enumerate(emails)
    ]


async def share(conn: asyncpg.Connection, campaign_ids: set[str]) -> dict[str, Campaign]:
    rows = await conn.fetch(sql("campaigns/share"), sorted(campaign_ids))
    return {row["campaign_id"]: campaign(row) for row in rows}


def campaign(row: Any) -> Campaign:
    return Campaign(
        row["campaign_id"],
        row["client_id"],
        row["state"],
        row["dispatch"],
        row["max_inflight"],
        _spec(orjson.dumps(row["spec"])),
    )


@lru_cache(maxsize=1024)
def _spec(raw: bytes) -> CampaignSpec:
    return codec.decode(orjson.loads(raw))


def _campaign(job: Begun) -> str:
    assert job.campaign_id
    return job.campaign_id


def _workflow(campaign: Campaign) -> Workflow:
    return campaign.spec.workflow or Workflow()


def _location_event(end: MapsEnd) -> Event:
    data = {
        "location_id": end.job.location_id,
        "status": "failed" if end.places is None else "completed",
        "businesses": len(end.places or ()),
    }
    return Event(end.job.client_id, "campaign.location.completed", end.job.campaign_id, end.job.job_id, data)
