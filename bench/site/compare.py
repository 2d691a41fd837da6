"""CPU a page, and memory: ours, its floor and its peers on the same sites."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable

from bench.harness import Ratio, Scale, in_turn
from bench.site import sites
from bench.site.job import Outcome
from bench.site.stage import Client, Stage
from orbweave.errors import OrbweaveError

_ROUNDS = 5
# Its pages take several times as long, so it gets fewer of them.
_SHARE_OF_SOUP = 0.2

_OURS = Client("ours", "ours")
_FLOOR = Client("floor", "floor")
_SCRAPY = Client("scrapy", "scrapy_spider", uses_hosts_file=True)
_PARSEL = Client("crawlee-parsel", "crawlee_crawler", ("parsel",), uses_hosts_file=True)
_SOUP = Client("crawlee-bs", "crawlee_crawler", ("soup",), uses_hosts_file=True)
_CLIENTS = (_OURS, _FLOOR, _SCRAPY, _PARSEL, _SOUP)
# What ours may cost of each.
_TARGETS = {_SCRAPY: 1 / 3, _PARSEL: 1 / 2, _SOUP: 1 / 8, _FLOOR: 2.5}


async def bench(stage: Stage, scheme: str, scale: Scale) -> AsyncIterator[Ratio]:
    found: dict[Client, list[Outcome]] = {client: [] for client in _CLIENTS}
    made = [sites.site(number, scheme, stage.served.ports[scheme]) for number in range(len(stage.served.hosts))]

    def measure(client: Client) -> Callable[[], Awaitable[float]]:
        async def one() -> float:
            outcome = await _play(stage, scheme, client, made)
            found[client].append(outcome)
            print(
                f"     {scheme:5} {client.name:14} {outcome.ms:7.2f} ms a page, {outcome.pages} pages, "
                f"{outcome.emails} e-mails, {outcome.pages / outcome.wall:4.0f} pages/s, {outcome.peak:4.0f} MB",
                flush=True,
            )
            return outcome.ms

        return one

    medians = dict(zip(_CLIENTS, await in_turn(scale.rounds(_ROUNDS), *map(measure, _CLIENTS)), strict=True))
    for other, target in _TARGETS.items():
        rounds = " ".join(f"{mine.ms / its.ms:.2f}" for mine, its in zip(found[_OURS], found[other], strict=True))
        yield Ratio(
            f"{scheme}: CPU a page, ours with all extraction / {other.name}",
            medians[_OURS] / medians[other],
            target,
            at_most=True,
            detail=f"{medians[_OURS]:.2f} / {medians[other]:.2f} ms; rounds {rounds}",
        )
    memory = {client: statistics.median(outcome.peak for outcome in found[client]) for client in (_OURS, _SCRAPY)}
    yield Ratio(
        f"{scheme}: peak memory, ours / scrapy",
        memory[_OURS] / memory[_SCRAPY],
        1.0,
        at_most=True,
        detail=f"{memory[_OURS]:.0f} / {memory[_SCRAPY]:.0f} MB",
    )
    shown = sum(len(site.emails) for site in made)
    seen = statistics.median(outcome.emails for outcome in found[_OURS])
    yield Ratio(f"{scheme}: e-mails that ours found / shown by the pages", seen / shown, 0.98, detail=f"of {shown}")


async def _play(stage: Stage, scheme: str, client: Client, made: list[sites.Site]) -> Outcome:
    if client is _SOUP:
        made = made[: max(int(len(made) * _SHARE_OF_SOUP), 7)]
    pages = {
        stage.served.url(scheme, site.host): [stage.served.url(scheme, site.host) + path[1:] for path in site.pages]
        for site in made
    }
    outcome = await stage.play(client, dataclasses.replace(stage.job(list(pages)), pages=pages))
    expected = sum(map(len, pages.values()))
    # Otherwise they would not have done the same work.
    if not 0.97 * expected <= outcome.pages <= expected:
        raise OrbweaveError(f"{client.name} handled {outcome.pages} pages of {expected} over {scheme}.")
    return outcome
