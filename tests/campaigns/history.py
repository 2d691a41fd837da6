"""Plays a campaign's history by hand: each step is what a worker does, but the test says when and how it ends."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pgqueuer import QueueManager
from pgqueuer.domain.models import Job as Claim
from pgqueuer.ports.repository import EntrypointExecutionParameter

from orbweave.campaigns import service
from orbweave.campaigns.advance import Advance
from orbweave.campaigns.chores import chores
from orbweave.campaigns.spec import CampaignSpec, LocationFilter, SiteStage, VerifyStage, Workflow
from orbweave.campaigns.status import CampaignStatus
from orbweave.jobs.maintenance import Maintenance
from orbweave.jobs.model import Done, Failed, Outcome, Released, Retry
from orbweave.jobs.queue import ClaimQueries, key_of
from orbweave.jobs.steps.maps import MapsStep
from orbweave.jobs.steps.site import SiteStep
from orbweave.jobs.steps.verify import Answer, Policy, VerifyStep
from orbweave.jobs.worker import End, Limits, Worker
from orbweave.store.clients import create_client
from orbweave.store.database import Database

STALE = timedelta(minutes=5)


def workflow(**changes: Any) -> Workflow:
    return Workflow(SiteStage(True, {"max_pages": 5}), VerifyStage(True), given={"spidersite": {"enabled": True}})


def campaign_spec(**changes: Any) -> CampaignSpec:
    return CampaignSpec(**{"query": "restaurants", "country_code": "LI", "workflow": workflow(), **changes})


def custom(location_ids: list[int]) -> LocationFilter:
    return LocationFilter("custom", location_ids=tuple(location_ids), given={"mode": "custom"})


async def a_client(db: Database) -> str:
    return (await create_client(db, "test")).client_id


def place(key: str, website: str | None = None) -> dict[str, Any]:
    return {"place_id": f"osm:{key}", "name": key, "website": website}


def site_data(emails: list[str]) -> dict[str, Any]:
    return {"crawl_status": "success", "emails": emails, "pages_crawled": 1, "metadata": {}}


def verdict(address: str, valid: bool = True) -> dict[str, Any]:
    return {
        "email": address,
        "status": "valid" if valid else "invalid",
        "sub_status": "deliverable" if valid else "mailbox_not_found",
        "flags": {
            "is_deliverable": valid,
            "is_catch_all": False,
            "is_disposable": False,
            "has_full_inbox": False,
            "is_disabled": False,
        },
    }


async def unused(*_: object) -> Any:
    raise AssertionError("the test says how work ends")


@dataclass
class Hand:
    """A worker that holds claims between its steps."""

    worker: Worker
    manager: QueueManager
    held: list[tuple[Claim, Any]] = field(default_factory=list)


class Player:
    """Several hands on one database."""

    def __init__(self, db: Database, hands: int = 3, *, inflight: int = 500) -> None:
        self.db = db
        advance = Advance(7, inflight=inflight)
        self.steps = {
            "maps": MapsStep(unused, advance),
            "site": SiteStep(unused, advance),
            "verify": VerifyStep(unused, advance, Policy(later=(0.0, 0.0))),
        }
        self.maintenance = Maintenance(db, chores(advance))
        self.hands = [self._hand(number) for number in range(hands)]

    def _hand(self, number: int) -> Hand:
        worker = Worker(self.db, list(self.steps.values()), self.maintenance, Limits(), f"hand-{number}")
        return Hand(worker, QueueManager(ClaimQueries.from_asyncpg_pool(self.db.pool)))

    async def claim(self, hand: Hand, n: int = 1, entrypoints: tuple[str, ...] = ("maps", "site", "verify")) -> int:
        """Claim up to ``n`` keys and begin their work."""
        claims = await hand.manager.queries.dequeue(
            batch_size=n,
            entrypoints={name: EntrypointExecutionParameter(0) for name in entrypoints},  # type: ignore[misc]
            queue_manager_id=hand.manager.queue_manager_id,
            global_concurrency_limit=None,
            heartbeat_timeout=STALE,
        )
        for claim in claims:
            async with self.db.transaction() as conn:
                [work] = await hand.worker._begin(self.steps[claim.entrypoint], conn, [key_of(claim)])
            hand.held.append((claim, work))
        return len(claims)

    async def end(self, hand: Hand, index: int, outcome: Outcome[Any] | None) -> bool:
        """End a held claim; False when it was not the hand's any more."""
        claim, work = hand.held.pop(index)
        async with self.db.transaction() as conn:
            step = self.steps[claim.entrypoint]
            ends = [End(claim, work, outcome if work is not None else None)]
            [held] = await hand.worker._end(step, hand.manager, conn, ends)
        return held

    async def crash(self, hand: Hand) -> None:
        """The hand forgets what it held, and its claims grow stale."""
        ids = [claim.id for claim, _ in hand.held]
        hand.held.clear()
        await self.db.pool.execute("update pgqueuer set heartbeat = now() - interval '1 hour' where id = any ($1)", ids)

    def good(self, claim: Claim, work: Any, rng: random.Random) -> Outcome[Any]:
        """A plausible success for held work."""
        match claim.entrypoint:
            case "maps":
                names = rng.sample(range(40), rng.randint(0, 5))
                places = [place(f"n{n}", f"https://site{n % 12}.example" if n % 3 else None) for n in names]
                return Done({"query": "q", "results_count": len(places), "businesses": places, "metadata": {}})
            case "site":
                return Done([rng.choice(SITES)(job) for job in work])
            case _:
                return Done(
                    {
                        check.id: Answer(
                            check.known or verdict(check.address, rng.random() < 0.7),
                            again=check.known is None and rng.random() < 0.3,
                        )
                        for inquiry in work
                        for check in inquiry.checks
                    }
                )

    def bad(self, rng: random.Random) -> Outcome[Any]:
        return rng.choice([Failed("broken"), Retry("try again", timedelta(0)), Released()])

    async def finish_everything(self, rng: random.Random) -> None:
        """Let the hands work until the queue is empty."""
        for hand in self.hands:
            await self.crash(hand)
        await self.db.pool.execute("update checks set not_before = now()")
        for _ in range(2000):
            await self.maintenance.once()
            await self.db.pool.execute("update pgqueuer set execute_after = now() - interval '1 second'")
            hand = rng.choice(self.hands)
            if not await self.claim(hand, 8):
                return
            while hand.held:
                claim, work = hand.held[0]
                await self.end(hand, 0, self.good(claim, work, rng) if work is not None else None)
        raise AssertionError("the campaign does not come to its end")


SITES = [
    lambda job: site_data([]),
    lambda job: site_data([f"info@{job.payload['url'][8:-1]}"]),
    lambda job: site_data([f"info@{job.payload['url'][8:-1]}", "a@shared.example", "b@other.example"]),
    lambda job: {"crawl_status": "failed", "emails": [], "metadata": {"error": "refused"}},
]


def check_identities(now: CampaignStatus, total: int) -> None:
    """Every identity of the status contract."""
    c = now.counts
    assert all(getattr(c, name) >= 0 for name in c.__dataclass_fields__), c
    assert c.total == total == c.pending + c.submitted + c.completed + c.failed
    assert c.submitted == c.queued + c.processing
    assert c.sites_queued + c.sites_completed + c.sites_failed <= c.businesses
    assert c.verifies_queued + c.verifies_completed + c.verifies_failed <= c.sites_completed
    assert c.emails_verified <= c.emails_found
    assert c.emails_valid <= c.emails_verified
    assert c.businesses <= c.with_domains <= c.leads
    assert (now.status == "completed") == (c.open == 0)
    assert now.percentage == round(100 * (c.completed + c.failed) / total, 2)
    if now.status == "completed":
        assert now.percentage == 100


async def locations_of(db: Database, client: str, campaign: str) -> list[int]:
    rows = await db.pool.fetch(
        "select location_id from campaign_locations where campaign_id = $1 order by ord", campaign
    )
    await service.status(db, client, campaign)
    return [row["location_id"] for row in rows]
