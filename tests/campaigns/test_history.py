"""Random histories: whatever is done, in whatever order, the status is true and the campaign can come to its end."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from history import Player, a_client, campaign_spec, check_identities, locations_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orbweave.campaigns import service
from orbweave.errors import IllegalState, NotFound
from orbweave.store import counters
from orbweave.store.database import Database

OPERATIONS = [
    "next", "next", "claim", "claim", "claim", "good", "good", "good", "good", "bad", "crash", "zombie", "cancel",
    "stop", "continue", "retry", "retry_leads", "chores", "together",
]  # fmt: skip


class History:
    def __init__(self, db: Database, client: str, campaign: str, player: Player, rng: random.Random) -> None:
        self.db, self.client, self.campaign, self.player, self.rng = db, client, campaign, player, rng
        self.retried = False

    async def next(self) -> None:
        taken = await service.next_location(self.db, self.client, self.campaign)
        assert taken.task is None or taken.campaign.state == "active"

    async def claim(self) -> None:
        await self.player.claim(self.rng.choice(self.player.hands), self.rng.randint(1, 3))

    async def good(self) -> None:
        hand = self.rng.choice(self.player.hands)
        if hand.held:
            index = self.rng.randrange(len(hand.held))
            claim, work = hand.held[index]
            await self.player.end(hand, index, self.player.good(claim, work, self.rng) if work is not None else None)

    async def bad(self) -> None:
        hand = self.rng.choice(self.player.hands)
        if hand.held:
            self.retried = True
            await self.player.end(hand, self.rng.randrange(len(hand.held)), self.player.bad(self.rng))

    async def crash(self) -> None:
        await self.player.crash(self.rng.choice(self.player.hands))

    async def zombie(self) -> None:
        """A worker that was taken for dead ends its work after another one has taken it over."""
        hand, other = self.rng.sample(self.player.hands, 2)
        held = list(hand.held)
        await self.player.crash(hand)
        await self.player.claim(other, 20)
        taken = {claim.id for claim, _ in other.held}
        for claim, work in held:
            hand.held.append((claim, work))
            outcome = self.player.good(claim, work, self.rng) if work is not None else None
            ended = await self.player.end(hand, len(hand.held) - 1, outcome)
            assert not (ended and claim.id in taken)

    async def cancel(self) -> None:
        job = await self.db.pool.fetchval(
            "select job_id from jobs where campaign_id = $1 and state in ('queued', 'processing')"
            " order by md5(job_id::text || $2) limit 1",
            self.campaign,
            str(self.rng.random()),
        )
        if job:
            await service.cancel_job(self.db, self.client, str(job))

    async def stop(self) -> None:
        await service.stop(self.db, self.client, self.campaign)
        taken = await service.next_location(self.db, self.client, self.campaign)
        assert taken.task is None

    async def resume(self) -> None:
        await service.resume(self.db, self.client, self.campaign)

    async def retry(self) -> None:
        self.retried = True
        location = self.rng.choice(await locations_of(self.db, self.client, self.campaign))
        await service.retry_location(self.db, self.client, self.campaign, location, "full")

    async def retry_leads(self) -> None:
        location = self.rng.choice(await locations_of(self.db, self.client, self.campaign))
        mode = self.rng.choice(["site", "verify"])
        self.retried = True
        await service.retry_location(self.db, self.client, self.campaign, location, mode)  # type: ignore[arg-type]

    async def chores(self) -> None:
        await self.player.maintenance.once()

    async def together(self) -> None:
        """Several workers end their work at the same time."""
        await asyncio.gather(self.good(), self.good(), self.next(), self.chores(), self.claim())


def operation(history: History, name: str) -> Callable[[], Awaitable[None]]:
    return history.resume if name == "continue" else getattr(history, name)  # type: ignore[no-any-return]


@contextlib.asynccontextmanager
async def reader(db: Database, client: str, campaign: str, total: int) -> AsyncIterator[None]:
    """Somebody who reads the status all the time."""

    async def read() -> None:
        last = None
        while True:
            now = await service.status(db, client, campaign)
            check_identities(now, total)
            assert last is None or now.updated_at >= last.updated_at, "updated_at went back"
            last = now

    task = asyncio.create_task(read())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.mark.timeout(300)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    names=st.lists(st.sampled_from(OPERATIONS), min_size=10, max_size=60),
    seed=st.integers(0, 2**32),
    auto=st.booleans(),
    inflight=st.sampled_from([1, 2, 500]),
)
async def test_status_is_true_at_every_step(
    db_with_gazetteer: Database, names: list[str], seed: int, auto: bool, inflight: int
) -> None:
    db, rng = db_with_gazetteer, random.Random(seed)
    await db.pool.execute("delete from pgqueuer")
    client = await a_client(db)
    spec = campaign_spec(dispatch="auto" if auto else "manual", max_inflight=2)
    created = await service.create(db, client, spec)
    total = created.counts.total
    history = History(db, client, created.campaign_id, Player(db, inflight=inflight), rng)
    before = created.counts
    async with reader(db, client, created.campaign_id, total):
        for name in names:
            history.retried = False
            with contextlib.suppress(IllegalState, NotFound):
                await operation(history, name)()
            now = await service.status(db, client, created.campaign_id)
            check_identities(now, total)
            assert await counters.differences(db, [created.campaign_id]) == []
            if not history.retried:
                for kept in ("completed", "failed", "results", "leads", "sites_completed", "emails_verified"):
                    assert getattr(now.counts, kept) >= getattr(before, kept)
            before = now.counts
    await finish(history, total)


async def finish(history: History, total: int) -> None:
    """Whatever happened, the campaign can be brought to its end, each business once."""
    db, client, campaign = history.db, history.client, history.campaign
    with contextlib.suppress(IllegalState):
        await service.resume(db, client, campaign)
    while (await service.next_location(db, client, campaign)).task:
        pass
    await history.player.finish_everything(history.rng)
    done = await service.status(db, client, campaign)
    assert done.status == "completed"
    check_identities(done, total)
    assert await counters.differences(db, [campaign]) == []
    rows = await db.pool.fetch("select business_key from leads where campaign_id = $1", campaign)
    assert len({row["business_key"] for row in rows}) == len(rows)
    assert await db.pool.fetchval("select count(*) from pgqueuer") == 0
    await history.player.maintenance.once()
    ends = await db.pool.fetchval(
        "select count(*) from events where campaign_id = $1 and type = 'campaign.terminal'", campaign
    )
    assert ends >= 1
