"""The status of a campaign, computed from its counters in one place (contract 3.3). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

State = Literal["active", "paused", "stopped"]
Status = Literal["active", "paused", "completed", "stopped"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over a campaign's counter rows, read in one snapshot. Locations first, then leads."""

    pending: int = 0
    queued: int = 0
    processing: int = 0
    completed: int = 0
    failed: int = 0
    results: int = 0
    businesses: int = 0
    with_domains: int = 0
    filtered: int = 0
    leads: int = 0
    sites_queued: int = 0
    sites_completed: int = 0
    sites_failed: int = 0
    verifies_queued: int = 0
    verifies_completed: int = 0
    verifies_failed: int = 0
    emails_found: int = 0
    emails_verified: int = 0
    emails_valid: int = 0

    @property
    def total(self) -> int:
        return self.pending + self.queued + self.processing + self.completed + self.failed

    @property
    def submitted(self) -> int:
        return self.queued + self.processing

    @property
    def open(self) -> int:
        """What keeps the campaign from being completed."""
        return self.pending + self.submitted + self.sites_queued + self.verifies_queued


@dataclass(frozen=True, slots=True)
class CampaignStatus:
    """One campaign as it is at one instant."""

    campaign_id: str
    name: str | None
    state: State
    query: str
    country_code: str
    filter_given: dict[str, Any]
    workflow_given: dict[str, Any] | None
    counts: Counts
    pause_reason: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def status(self) -> Status:
        return status(self.state, self.counts)

    @property
    def percentage(self) -> float:
        """Share of locations done, 0..100."""
        return share(self.counts.completed + self.counts.failed, self.counts.total)

    @property
    def percentage_dispatched(self) -> float:
        return share(self.counts.total - self.counts.pending, self.counts.total)


def status(state: State, counts: Counts) -> Status:
    """Completed is derived, never stored, so it cannot disagree with the counters."""
    return "completed" if counts.open == 0 else state


def share(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 100.0
