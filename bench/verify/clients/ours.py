"""Ours with all its checks and evidence; each verdict as the interface's data."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Iterator

from bench.site.job import peak_memory
from bench.verify import job as jobs
from bench.verify import world
from orbweave.net import NetSettings, Network
from orbweave.verify import Verifier, VerifyOptions


@contextlib.asynccontextmanager
async def verifier(job: jobs.Job) -> AsyncIterator[Verifier]:
    async with Network(NetSettings(allow_networks=("127.0.0.0/8",))) as network:
        yield Verifier(network, domains_at_once=job.at_once) if job.at_once else Verifier(network)


def options(job: jobs.Job) -> VerifyOptions:
    return VerifyOptions(smtp_timeout_secs=job.timeout, from_email=jobs.SENDER, hello_name=jobs.HELLO_NAME)


async def verify(job: jobs.Job, outcome: jobs.Outcome, clock: jobs.Clock) -> None:
    async with verifier(job) as ours:
        asked = options(job)
        [_ async for _ in ours.check([jobs.WARM_UP], asked)]
        if job.kind == world.HOSTILE:
            await _hostile(ours, asked, outcome, clock)
            return
        clock.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(job.limit):
                for _ in range(job.passes):
                    await _check_all(ours, job, asked, outcome)
        clock.stop()


async def _check_all(ours: Verifier, job: jobs.Job, asked: VerifyOptions, outcome: jobs.Outcome) -> None:
    left = job.domains * job.per_domain
    async with contextlib.aclosing(ours.check(_among_dead(job), asked)) as verdicts:  # type: ignore[type-var]
        async for verdict in verdicts:
            data = verdict.data()
            if job.dead and data["email"].endswith(f".{job.dead_kind}.example"):
                continue
            outcome.verdict(data["status"])
            if outcome.addresses == job.early:
                outcome.early = peak_memory()
            left -= 1
            if not left:
                break


def _among_dead(job: jobs.Job) -> Iterator[str]:
    """The addresses, with the dead ones taking turns with them."""
    for pair in itertools.zip_longest(job.addresses(), world.addresses(job.dead_kind, range(job.dead), 1)):
        yield from filter(None, pair)


async def _hostile(ours: Verifier, asked: VerifyOptions, outcome: jobs.Outcome, clock: jobs.Clock) -> None:
    async def one(kind: str) -> None:
        started = time.monotonic()
        (verdict,) = await ours.check_domain([f"person.0@{world.hostile_domain(kind)}"], asked)
        outcome.slowest[kind] = time.monotonic() - started
        outcome.verdict(verdict.status)

    clock.start()
    await asyncio.gather(*map(one, world.HOSTILE_KINDS))
    clock.stop()


if __name__ == "__main__":
    jobs.run(lambda job, outcome, clock: asyncio.run(verify(job, outcome, clock)))
