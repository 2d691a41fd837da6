"""What the contract says of campaigns, on real rows."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from history import Hand, Player, a_client, campaign_spec, place, site_data, verdict

from orbweave import maps
from orbweave.api import wire
from orbweave.campaigns import service
from orbweave.campaigns.spec import CampaignSpec, LocationFilter, SiteStage, VerifyStage, Workflow
from orbweave.errors import Conflict, IllegalState, InvalidInput, NotFound
from orbweave.jobs.model import Done, Failed
from orbweave.jobs.steps.verify import Answer
from orbweave.store import counters
from orbweave.store.database import Database


async def finish_maps(player: Player, hand: Hand, sizes: list[int], websites: list[str | None]) -> None:
    """Claim as many locations as there are sizes and end them with so many businesses; websites are handed out."""
    await player.claim(hand, len(sizes), ("maps",))
    assert len(hand.held) == len(sizes)
    for size in sizes:
        _, job = hand.held[0]
        places = [place(f"{job.location_id}-{n}", websites.pop() if websites else None) for n in range(size)]
        await player.end(hand, 0, Done({"query": "q", "results_count": size, "businesses": places, "metadata": {}}))


async def test_published_answer_without_workflow(db_with_gazetteer: Database) -> None:
    db = db_with_gazetteer
    await db.pool.execute(
        "delete from locations where country_code = 'LU' and location_id not in"
        " (select location_id from locations where country_code = 'LU' order by population desc limit 12)"
    )
    client = await a_client(db)
    campaign = await service.create(db, client, CampaignSpec("restaurants", "LU"))
    for _ in range(8):
        await service.next_location(db, client, campaign.campaign_id)
    player = Player(db)
    await finish_maps(player, player.hands[0], [105, 105, 105, 104, 104], [])
    assert await player.claim(player.hands[0], 1) == 1
    answer = wire.campaign(await service.status(db, client, campaign.campaign_id))
    assert answer == answer | {
        "campaign_id": campaign.campaign_id,
        "status": "active",
        "query": "restaurants",
        "country_code": "LU",
        "filter_config": {"mode": "all"},
        "progress": {
            "total": 12, "pending": 4, "submitted": 3, "completed": 5, "failed": 0, "percentage": 41.67,
        },
        "jobs": {"queued": 2, "processing": 1, "completed": 5, "failed": 0},
        "results_count": 523,
        "has_workflow": False,
    }  # fmt: skip
    assert "workflow_config" not in answer
    assert "workflow_progress" not in answer


@pytest.mark.timeout(240)
async def test_published_answer_with_workflow(db_with_gazetteer: Database) -> None:
    db = db_with_gazetteer
    client = await a_client(db)
    largest = await db.pool.fetch(
        "select location_id from locations where country_code = 'FR' order by population desc, location_id limit 42"
    )
    await db.pool.execute(
        "update locations set population = case when location_id = any ($1) then greatest(population, 100000)"
        " else least(population, 99999) end where country_code = 'FR'",
        [row["location_id"] for row in largest],
    )
    workflow = Workflow(SiteStage(True), VerifyStage(True), given={"spidersite": {"enabled": True}})
    filter = LocationFilter("population", min_population=100000, given={"mode": "population", "min_population": 100000})
    campaign = await service.create(db, client, CampaignSpec("restaurants", "FR", filter, workflow=workflow))
    assert campaign.counts.total == 42
    for _ in range(32):
        await service.next_location(db, client, campaign.campaign_id)
    # 320 businesses have a website, of which 20 share one with another business: 300 crawls.
    websites: list[str | None] = [f"https://site{n % 300}.example/" for n in range(320)]
    player = Player(db)
    hand = player.hands[0]
    await finish_maps(player, hand, [20] * 27, websites)
    await player.claim(hand, 2, ("maps",))
    maps_running, hand.held[:] = list(hand.held), []

    await player.claim(hand, 285, ("site",))
    emails = [3] * 100 + [2] * 140 + [5] * 12 + [4] * 10 + [0] * 18
    for number in range(285):
        _, work = hand.held[0]
        if number < 280:
            found = [f"{name}@mail{number}.example" for name in "abcde"]
            await player.end(hand, 0, Done([site_data(found[: emails[number]])]))
        else:
            await player.end(hand, 0, Failed("refused"))

    await player.claim(hand, 242, ("verify",))
    for number in range(242):
        _, work = hand.held[0]
        answers = {check.id: Answer(verdict(check.address), False) for inquiry in work for check in inquiry.checks}
        await player.end(hand, 0, Done(answers) if number < 240 else Failed("gave up"))

    answer = wire.campaign(await service.status(db, client, campaign.campaign_id))
    assert maps_running
    assert answer["progress"] == {
        "total": 42, "pending": 10, "submitted": 5, "completed": 27, "failed": 0, "percentage": 64.29,
    }  # fmt: skip
    assert answer["jobs"] == {"queued": 3, "processing": 2, "completed": 27, "failed": 0}
    assert answer["results_count"] == 540
    assert answer["filter_config"] == {"mode": "population", "min_population": 100000}
    assert answer["workflow_progress"] == {
        "businesses_total": 320,
        "sites_queued": 15, "sites_completed": 280, "sites_failed": 5,
        "verifies_queued": 20, "verifies_completed": 240, "verifies_failed": 2,
        "emails_found": 680, "emails_verified": 580,
    }  # fmt: skip
    assert await counters.differences(db) == []


async def test_parallel_next_takes_twenty_different_locations(db_with_gazetteer: Database) -> None:
    db = db_with_gazetteer
    client = await a_client(db)
    spec = campaign_spec(country_code="LU", workflow=None)
    campaign = await service.create(db, client, spec)
    taken = await asyncio.gather(*(service.next_location(db, client, campaign.campaign_id) for _ in range(20)))
    assert len({one.task.location_id for one in taken if one.task}) == 20
    assert await db.pool.fetchval("select count(*) from pgqueuer") == 20
    await service.stop(db, client, campaign.campaign_id)
    after = await asyncio.gather(*(service.next_location(db, client, campaign.campaign_id) for _ in range(20)))
    assert all(one.task is None and one.campaign.status == "stopped" for one in after)
    assert await db.pool.fetchval("select count(*) from pgqueuer") == 20


async def test_stop_while_callers_ask_for_more(db_with_gazetteer: Database) -> None:
    """Once stop has answered, nothing is dispatched any more."""
    db = db_with_gazetteer
    client = await a_client(db)
    campaign = await service.create(
        db, client, campaign_spec(country_code="DE", workflow=None, query="bars"), max_locations=20_000
    )

    async def ask() -> None:
        while (await service.next_location(db, client, campaign.campaign_id)).task:
            pass

    callers = [asyncio.create_task(ask()) for _ in range(4)]
    while (await service.status(db, client, campaign.campaign_id)).counts.queued < 20:
        pass
    stopped = await service.stop(db, client, campaign.campaign_id)
    await asyncio.gather(*callers)
    assert (await service.status(db, client, campaign.campaign_id)).counts == stopped.counts


async def test_locations_go_out_by_population(db_with_gazetteer: Database) -> None:
    db = db_with_gazetteer
    client = await a_client(db)
    campaign = await service.create(db, client, campaign_spec())
    order = []
    while (found := await service.next_location(db, client, campaign.campaign_id)).task:
        order.append(found.task.location_id)
    rows = await db.pool.fetch(
        "select location_id from locations where country_code = 'LI' order by population desc, location_id"
    )
    assert order == [row["location_id"] for row in rows]


SQUARE: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [[[9.4, 47.0], [9.7, 47.0], [9.7, 47.3], [9.4, 47.3], [9.4, 47.0]]],
}
AROUND = [(-1e-3, -1e-3), (1e-3, -1e-3), (1e-3, 1e-3), (-1e-3, 1e-3), (-1e-3, -1e-3)]


async def test_filters(db_with_gazetteer: Database) -> None:
    db = db_with_gazetteer
    client = await a_client(db)

    async def count(**filter: object) -> int:
        chosen = LocationFilter(**filter)  # type: ignore[arg-type]
        return (await service.create(db, client, campaign_spec(filter=chosen))).counts.total

    every = await db.pool.fetch("select * from locations where country_code = 'LI'")
    assert await count(mode="all") == await count(mode="cities_only") == len(every)
    assert await count(mode="population", min_population=5000) == sum(row["population"] >= 5000 for row in every)
    region = every[0]["admin_region"]
    assert await count(mode="regions", admin_regions=(region.upper(),)) == sum(
        row["admin_region"] == region for row in every
    )
    assert await count(mode="custom", location_ids=(every[0]["location_id"],)) == 1
    assert await count(mode="bbox", bbox=(9.4, 47.0, 9.7, 47.3)) == len(every)
    assert await count(mode="polygon", polygon=SQUARE) == len(every)
    hole = [[row["longitude"] + x, row["latitude"] + y] for row in every[:1] for x, y in AROUND]
    holed = SQUARE | {"coordinates": [*SQUARE["coordinates"], hole]}
    assert await count(mode="polygon", polygon=holed) == len(every) - 1
    assert await count(mode="all", include_postcodes=True) == len(every)  # nothing has been imported
    for broken, words in [
        ({"mode": "population"}, "min_population"),
        ({"mode": "population", "min_population": 10**7}, "largest is"),
        ({"mode": "regions", "admin_regions": ("Atlantis",)}, "There are:"),
        ({"mode": "custom", "location_ids": (1,)}, "No location 1 in LI"),
        ({"mode": "bbox", "bbox": (9.4, 47.3, 9.7, 47.0)}, "south <= north"),
        ({"mode": "bbox", "bbox": (9.7, 47.0, 9.4, 47.3)}, "matches the filter"),  # all around the world but there
        ({"mode": "city", "parent_city": "Vaduz"}, "No postcodes of Vaduz"),
        ({"mode": "city", "parent_city": "Atlantis"}, "no city 'Atlantis'"),
        ({"mode": "polygon", "polygon": SQUARE | {"coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}}, "matches the"),
    ]:
        with pytest.raises(InvalidInput, match=words):
            await count(**broken)
    with pytest.raises(InvalidInput, match="country"):
        await service.create(db, client, campaign_spec(country_code="XX"))
    with pytest.raises(InvalidInput, match="more than 3 locations"):
        await service.create(db, client, campaign_spec(), max_locations=3)


async def test_another_client_sees_nothing(db_with_gazetteer: Database) -> None:
    db = db_with_gazetteer
    mine, other = await a_client(db), await a_client(db)
    campaign = await service.create(db, mine, campaign_spec(dispatch="auto"))
    id = campaign.campaign_id
    job = str(await db.pool.fetchval("select job_id from jobs limit 1"))
    page = {"include_pending": True, "min_valid_emails": None, "page": 1, "page_size": 10}
    for call in [
        service.status(db, other, id),
        service.next_location(db, other, id),
        service.stop(db, other, id),
        service.resume(db, other, id),
        service.rename(db, other, id, "x"),
        service.delete(db, other, id),
        service.leads(db, other, id, **page),  # type: ignore[arg-type]
        service.cancel_job(db, other, job),
        service.job_leads(db, other, id, job),
        service.retry_location(db, other, id, 1, "full"),
    ]:
        with pytest.raises(NotFound):
            await call
    assert (await service.list_campaigns(db, other, status=None, country_code=None, page=1, page_size=10)).total == 0
    with pytest.raises(NotFound):
        [lead async for lead in service.export(db, other, id)]


async def test_life_of_a_campaign(db_with_gazetteer: Database) -> None:
    db, rng = db_with_gazetteer, random.Random(1)
    client = await a_client(db)
    id = (await service.create(db, client, campaign_spec(dispatch="auto", max_inflight=3))).campaign_id
    assert (await service.status(db, client, id)).counts.submitted == 3
    with pytest.raises(Conflict):
        await service.delete(db, client, id)
    stopped = await service.stop(db, client, id)
    assert stopped.status == "stopped" == (await service.stop(db, client, id)).status
    player = Player(db)
    await player.finish_everything(rng)
    halted = await service.status(db, client, id)
    assert halted.counts.submitted == 0 < halted.counts.pending
    assert halted.status == "stopped"
    assert (await service.resume(db, client, id)).counts.submitted == 3
    assert (await service.resume(db, client, id)).status == "active"
    await player.finish_everything(rng)
    done = await service.status(db, client, id)
    assert done.status == "completed"
    assert done.percentage == 100
    for refused in (service.stop, service.resume):
        with pytest.raises(IllegalState):
            await refused(db, client, id)
    exported = [lead async for lead in service.export(db, client, id)]
    page = await service.leads(db, client, id, include_pending=True, min_valid_emails=None, page=1, page_size=1000)
    assert exported == page.leads
    assert len(exported) == done.counts.leads == page.total
    valid = await service.leads(db, client, id, include_pending=False, min_valid_emails=1, page=1, page_size=1000)
    assert 0 < valid.total < page.total
    assert await service.delete(db, client, id) == done.counts.total
    for table in ("campaigns", "campaign_locations", "jobs", "leads", "sightings", "checks", "results", "events"):
        assert await db.pool.fetchval(f"select count(*) from {table}") == 0


async def test_businesses_seen_from_two_locations_are_one_lead(db_with_gazetteer: Database) -> None:
    db = db_with_gazetteer
    client = await a_client(db)
    id = (await service.create(db, client, campaign_spec())).campaign_id
    for _ in range(2):
        await service.next_location(db, client, id)
    player = Player(db)
    hand = player.hands[0]
    await player.claim(hand, 2)
    for _ in range(2):
        await player.end(hand, 0, Done({"businesses": [place("same", "https://one.example")], "results_count": 1}))
    counts = (await service.status(db, client, id)).counts
    assert (counts.results, counts.leads, counts.businesses, counts.sites_queued) == (2, 1, 1, 1)


async def test_estimate_writes_nothing(db_with_gazetteer: Database) -> None:
    db = db_with_gazetteer
    known = await service.estimate(db, campaign_spec(max_results=500))
    assert known.estimated_businesses > known.site_jobs > 0
    assert known.verify_jobs == known.site_jobs
    guessed = await service.estimate(db, campaign_spec(country_code="LU", workflow=None))
    assert guessed.estimated_businesses == 20 * guessed.total_locations
    assert guessed.site_jobs == 0
    assert await db.pool.fetchval("select count(*) from campaigns") == 0


class Counted:
    """Three businesses in every location; ``asked``: the locations that somebody looked at."""

    name = "counted"
    attribution = "nobody"
    is_local = True

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def countries(self) -> frozenset[str]:
        return frozenset({"AT", "LI"})

    async def places(self, wanted: maps.Wanted) -> AsyncIterator[maps.Place]:
        assert wanted.location  # never the whole country: that may be millions
        self.asked.append(wanted.location.location_id)
        for number in range(3):
            yield maps.Place(f"{wanted.location.location_id}-{number}", "A", wanted.country, 1, 0.0, 0.0)


async def test_an_estimate_of_many_locations_looks_at_some(db_with_gazetteer: Database) -> None:
    source = Counted()
    spec = campaign_spec(country_code="AT", workflow=None)
    austria = await service.estimate(db_with_gazetteer, spec, sources=maps.Sources([source]))
    assert austria.total_locations > 1000
    assert austria.estimated_businesses == 3 * austria.total_locations
    assert len(set(source.asked)) == len(source.asked) <= 100
    spec = campaign_spec(max_results=2, workflow=None)
    liechtenstein = await service.estimate(db_with_gazetteer, spec, sources=maps.Sources([source]))
    assert liechtenstein.estimated_businesses == 2 * liechtenstein.total_locations


async def test_warnings() -> None:
    async def warned(spec: CampaignSpec) -> str:
        return await service.warning(spec, await service.matched(spec)) or ""

    assert await warned(campaign_spec()) == ""
    assert "no places of LU" in await warned(campaign_spec(country_code="LU"))
    assert "names a place (Vaduz)" in await warned(campaign_spec(query="restaurants in Vaduz"))


@pytest.mark.parametrize("stage", ["maps", "site", "verify"])
async def test_retry_while_the_cancelled_work_still_runs(db_with_gazetteer: Database, stage: str) -> None:
    """The worker that held the cancelled job must not take the retried one's place in the queue with it."""
    db = db_with_gazetteer
    client = await a_client(db)
    id = (await service.create(db, client, campaign_spec())).campaign_id
    taken = (await service.next_location(db, client, id)).task
    assert taken
    player = Player(db)
    hand = player.hands[0]
    ends = {
        "maps": Done({"businesses": [place("one", "https://one.example/")], "results_count": 1}),
        "site": Done([site_data(["info@one.example"])]),
    }
    for before in ("maps", "site", "verify"):
        assert await player.claim(hand, 1, (before,)) == 1
        if before == stage:
            break
        await player.end(hand, 0, ends[before])
    job = await db.pool.fetchval("select job_id from jobs where type = $1", stage)
    await service.cancel_job(db, client, str(job))
    mode = "full" if stage == "maps" else stage
    await service.retry_location(db, client, id, taken.location_id, mode)  # type: ignore[arg-type]
    await player.end(hand, 0, player.good(*hand.held[0], random.Random(0)))
    assert await db.pool.fetchval("select state from jobs where type = $1", stage) == "queued"
    assert await player.claim(hand, 1, (stage,)) == 1
    assert await counters.differences(db) == []


async def test_updated_at_never_goes_back(db_with_gazetteer: Database) -> None:
    """A transaction that began early and changes the counters late must not turn the clock back."""
    db = db_with_gazetteer
    client = await a_client(db)
    id = (await service.create(db, client, campaign_spec())).campaign_id
    async with db.pool.acquire() as early, early.transaction():
        began = await early.fetchval("select now()")
        async with db.transaction() as late:
            await counters.add(late, 3, {id: Counter(leads=1)})
        between = (await service.status(db, client, id)).updated_at
        assert between > began
        await counters.add(early, 3, {id: Counter(leads=-1)})
    after = (await service.status(db, client, id)).updated_at
    assert after > between
    stopped = (await service.stop(db, client, id)).updated_at
    assert stopped > after
