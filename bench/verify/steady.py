"""What must not change with how many are asked, and with what some of them do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from bench.harness import Ratio, Scale, in_turn
from bench.verify import world
from bench.verify.job import Outcome
from bench.verify.stage import OURS, Stage

_DEADLINE_STEPS = 3
_LIMIT = 40.0
"""Seconds after which live servers beside dead ones are waited for no longer."""
_ROUNDS = 3


async def hostile(stage: Stage, scale: Scale) -> AsyncIterator[Ratio]:
    timeout = 2.0 if scale.quick else 10.0
    outcome, _ = await stage.play(OURS, kind=world.HOSTILE, timeout=timeout)
    kind, seconds = max(outcome.slowest.items(), key=lambda one: one[1])
    deadline = _DEADLINE_STEPS * timeout
    yield Ratio(
        f"seconds beyond the total deadline ({deadline:g} s) of the slowest of {len(outcome.slowest)} hostile servers",
        max(0.0, seconds - deadline),
        1.0,
        at_most=True,
        detail=f"{kind}: {seconds:.1f} s; verdicts {outcome.states}; {outcome.cpu:.2f} s CPU",
    )
    yield Ratio("MB for all of them together", outcome.peak - outcome.before, 5, at_most=True)


async def sessions(stage: Stage, scale: Scale) -> AsyncIterator[Ratio]:
    outcome, seen = await stage.play(OURS, kind=world.HELD, domains=1_000, at_once=1_000, timeout=60)
    yield Ratio(
        "MB for 1,000 open sessions",
        outcome.peak - outcome.before,
        80,
        at_most=True,
        detail=f"{outcome.before:.0f} -> {outcome.peak:.0f} MB; {seen['most_at_all']} at once, {outcome.states}",
    )


async def dead(stage: Stage, scale: Scale) -> AsyncIterator[Ratio]:
    """The live ones answer after 50 ms each time, as servers do, so that it is not the client's core that limits."""
    count = scale.rows(1_000)
    done: dict[str, Outcome] = {}

    def measure(kind: str) -> Callable[[], Awaitable[float]]:
        async def one() -> float:
            dead = {"dead": count, "dead_kind": kind} if kind else {}
            outcome, _ = await stage.play(OURS, kind=world.SLOW, domains=count, limit=_LIMIT, **dead)
            done[kind] = outcome
            return outcome.wall / max(outcome.states.get("valid", 0), 0.001)

        return one

    kinds = {world.REFUSED: "refuse connections", world.SILENT: "take connections and say nothing"}
    alone, *beside = await in_turn(scale.rounds(_ROUNDS), measure(""), *map(measure, kinds))
    for (kind, about), seconds in zip(kinds.items(), beside, strict=True):
        yield Ratio(
            f"seconds a verdict of {count} live servers, beside {count} that {about} / alone",
            seconds / alone,
            1.1,
            at_most=True,
            detail=f"{1000 * seconds:.1f} / {1000 * alone:.1f} ms; {done[kind].states} in {done[kind].wall:.1f} s",
        )


async def memory(stage: Stage, scale: Scale) -> AsyncIterator[Ratio]:
    domains, early = scale.rows(10_000), scale.rows(10_000)
    outcome, _ = await stage.play(OURS, domains=domains, per_domain=10, missing=3, early=early)
    yield Ratio(
        f"peak memory after {outcome.addresses:,} addresses / after {early:,}",
        outcome.peak / outcome.early,
        1.1,
        at_most=True,
        detail=f"{outcome.peak:.0f} / {outcome.early:.0f} MB, {outcome.us:.0f} µs an address",
    )
