"""Waiting for a campaign's job to be whole: its search done and every business through all its stages."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from orbweave.campaigns.service import Lead
from orbweave.jobs.model import Job

ENDED = ("complete", "failed")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: without any progress of the sites, of the verifications when these are all that is left, and in all."""

    site: float = 300.0
    verify: float = 120.0
    whole: float = 600.0
    pause: float = 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """``partial``: patience ran out."""

    job: Job
    leads: list[Lead]
    partial: bool = False

    @property
    def is_whole(self) -> bool:
        return self.job.state not in ("queued", "processing") and all(lead.stage in ENDED for lead in self.leads)

    @property
    def stages(self) -> Counter[str]:
        return Counter(lead.stage for lead in self.leads)


async def until_whole(
    read: Callable[[], Awaitable[Found]], gone: Callable[[], Awaitable[bool]], patience: Patience
) -> Found:
    """Reads until what it reads is whole, patience runs out, or whoever waits is gone."""
    start = changed = time.monotonic()
    found = await read()
    while not found.is_whole and not await gone():
        await asyncio.sleep(patience.pause)
        before, found = found, await read()
        now = time.monotonic()
        if (found.job.state, found.stages) != (before.job.state, before.stages):
            changed = now
        only_verifies = found.stages["verify"] and not found.stages["site"] and not found.stages["maps"]
        if now - start > patience.whole or now - changed > (patience.verify if only_verifies else patience.site):
            return Found(found.job, found.leads, partial=not found.is_whole)
    return found
