"""What must happen in the transaction in which jobs of a campaign start or end. ``campaigns`` implements it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg

from orbweave.jobs.model import Begun
from orbweave.verify import is_valid_count


@dataclass(frozen=True, slots=True)
class MapsEnd:
    """``places`` are contract 2.1 businesses; None when the search failed with ``error``. ``was_queued``: it was
    cancelled before a worker took it."""

    job: Begun
    places: Sequence[dict[str, Any]] | None
    error: str | None = None
    was_queued: bool = False


@dataclass(frozen=True, slots=True)
class SiteEnd:
    """``emails`` the crawl found, each once; None when it failed with ``error``."""

    job: Begun
    emails: Sequence[str] | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class VerifyEnd:
    """``verdicts`` are contract 2.3 results; None when the job failed with ``error``."""

    job: Begun
    verdicts: Sequence[dict[str, Any]] | None
    error: str | None = None

    @property
    def valid(self) -> int:
        return sum(map(is_valid_count, self.verdicts or ()))


class Followers(Protocol):
    """Called with jobs of campaigns only, inside the transaction that changes them."""

    async def maps_started(self, conn: asyncpg.Connection, jobs: Sequence[Begun]) -> None: ...
    async def maps_requeued(self, conn: asyncpg.Connection, jobs: Sequence[Begun]) -> None: ...
    async def maps_ended(self, conn: asyncpg.Connection, ends: Sequence[MapsEnd]) -> None: ...
    async def sites_ended(self, conn: asyncpg.Connection, ends: Sequence[SiteEnd]) -> None: ...
    async def checked(self, conn: asyncpg.Connection, campaign_ids: Sequence[str]) -> None:
        """One address of each of these campaigns (with repetition) has its verdict."""
        ...

    async def verifies_ended(self, conn: asyncpg.Connection, ends: Sequence[VerifyEnd]) -> None: ...
