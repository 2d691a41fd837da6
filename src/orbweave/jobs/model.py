"""A job as stored, and what running one came to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

JobType = Literal["maps", "site", "verify"]
JobState = Literal["queued", "processing", "completed", "failed", "cancelled"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """A row of ``jobs``. ``id`` is internal; ``job_id`` is what clients see."""

    id: int
    job_id: str
    client_id: str
    type: JobType
    campaign_id: str | None
    location_id: int | None
    payload: dict[str, Any]
    priority: int
    state: JobState
    attempt: int
    worker_id: str | None
    error: str | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Begun:
    """A job a worker has started. ``fresh``: it was queued until now."""

    id: int
    job_id: str
    client_id: str
    campaign_id: str | None
    location_id: int | None
    payload: dict[str, Any]
    priority: int
    attempt: int
    fresh: bool = True

    @classmethod
    def of(cls, row: Any) -> Begun:
        """From a record; what its query leaves out is as at a first start."""
        return cls(
            row["id"], str(row["job_id"]), row["client_id"], row["campaign_id"], row["location_id"], row["payload"],
            row.get("priority", 0), row.get("attempt", 1), row.get("fresh", True),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The work was done; what it found is in ``value``."""

    value: T


@dataclass(frozen=True, slots=True)
class Failed:
    """No further attempt can help, or none is left."""

    error: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Something went wrong that may go right later."""

    error: str
    delay: timedelta
    tried: bool = True
    """Does it count as an attempt?"""


@dataclass(frozen=True, slots=True)
class Released:
    """The worker stops; another one takes over at once and no attempt is lost."""


class Later(Exception):
    """Raised by work that the other side wants tried again in ``seconds``, not sooner; ``tried``: it was asked now, and
    not when others asked before."""

    def __init__(self, reason: str, seconds: float, *, tried: bool = True) -> None:
        super().__init__(reason)
        self.seconds, self.tried = seconds, tried


Outcome = Done[T] | Failed | Retry | Released
