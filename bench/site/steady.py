"""What must not change: memory with the number of sites, and speed with what one of them does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from bench.harness import Ratio, Scale, in_turn
from bench.site.hostile import hostile_server
from bench.site.job import Outcome
from bench.site.nginx import rename
from bench.site.stage import Client, Stage

_MANY_SITES = 10_000
_FEW_SITES = 200
_ROUNDS = 3
_MANY = Client("many", "many")
_AMONG = Client("among", "among")


async def memory(stage: Stage, scale: Scale) -> AsyncIterator[Ratio]:
    """Three pages a site: it is the number of sites that could add up."""
    count = scale.rows(_MANY_SITES)
    names = rename(stage.served, "http", count)
    job = stage.job([stage.served.url("http", name) for name in names], max_pages=3, early=_FEW_SITES)
    outcome = await stage.play(_MANY, job)
    yield Ratio(
        f"peak memory after {count:,} sites / after {_FEW_SITES}",
        outcome.peak / outcome.early_peak,
        1.2,
        at_most=True,
        detail=f"{outcome.peak:.0f} / {outcome.early_peak:.0f} MB, {outcome.pages} pages",
    )


async def neighbours(stage: Stage, scale: Scale) -> AsyncIterator[Ratio]:
    """Pages a second of ordinary sites, with and without a bad one among them."""
    urls = [stage.served.url("http", host) for host in stage.served.hosts]
    async with hostile_server() as port:

        def measure(bad: list[str]) -> Callable[[], Awaitable[float]]:
            async def one() -> float:
                outcome: Outcome = await stage.play(_AMONG, stage.job(urls, bad=bad))
                return outcome.pages / outcome.wall

            return one

        kinds = {"stuck": "that never answers", "hostile": "of endless, huge, deep and packed pages"}
        alone, *beside = await in_turn(
            scale.rounds(_ROUNDS), measure([]), *(measure([f"http://{kind}.example:{port}/"]) for kind in kinds)
        )
    for (kind, about), speed in zip(kinds.items(), beside, strict=True):
        yield Ratio(
            f"pages a second of {len(urls)} sites, beside a {kind} one ({about}) / without",
            speed / alone,
            0.9,
            detail=f"{speed:.0f} / {alone:.0f}",
        )
