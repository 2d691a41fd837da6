"""What can be asked of campaigns. Every function is one transaction and sees only the client's own campaigns.

Raises InvalidInput (unknown country, filter without matches), NotFound, IllegalState, Conflict.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orbweave.campaigns.spec import CampaignSpec
from orbweave.campaigns.status import CampaignStatus, Status
from orbweave.store.database import Database


@dataclass(frozen=True, slots=True)
class Task:
    """A dispatched location."""

    job_id: str
    location_id: int
    search_string: str
    display_name: str


@dataclass(frozen=True, slots=True)
class NextLocation:
    task: Task | None
    campaign: CampaignStatus


@dataclass(frozen=True, slots=True)
class Estimate:
    total_locations: int
    estimated_businesses: int
    site_jobs: int
    verify_jobs: int


@dataclass(frozen=True, slots=True)
class CampaignPage:
    total: int
    campaigns: Sequence[CampaignStatus]


@dataclass(frozen=True, slots=True)
class Lead:
    """A business of a campaign with what became of it. ``place`` is a contract 2.1 business, ``site`` the contract 2.2
    data (None unless crawled), ``verdicts`` contract 2.3 results."""

    lead_id: int
    location_id: int
    search_string: str
    display_name: str
    location_status: str
    place: dict[str, Any]
    domain: str | None
    domain_filtered: bool
    filter_reason: str | None
    site_status: str
    site: dict[str, Any] | None
    site_error: str | None
    verify_status: str
    verdicts: Sequence[dict[str, Any]]
    stage: str


@dataclass(frozen=True, slots=True)
class LeadPage:
    """``total`` counts the leads that match, ``leads`` is one page in location order; ``locations`` maps the location
    ids of the page to their number of businesses."""

    campaign: CampaignStatus
    total: int
    leads: Sequence[Lead]
    locations: dict[int, int]


@dataclass(frozen=True, slots=True)
class Retried:
    new_status: str
    retry_count: int
    job_id: str


async def create(db: Database, client_id: str, spec: CampaignSpec) -> CampaignStatus: raise NotImplementedError
async def estimate(db: Database, spec: CampaignSpec) -> Estimate: raise NotImplementedError
async def next_location(db: Database, client_id: str, campaign_id: str) -> NextLocation: raise NotImplementedError
async def status(db: Database, client_id: str, campaign_id: str) -> CampaignStatus: raise NotImplementedError
async def stop(db: Database, client_id: str, campaign_id: str) -> CampaignStatus: raise NotImplementedError
async def pause(db: Database, client_id: str, campaign_id: str, reason: str) -> CampaignStatus: raise NotImplementedError
async def resume(db: Database, client_id: str, campaign_id: str) -> CampaignStatus: raise NotImplementedError
async def rename(db: Database, client_id: str, campaign_id: str, name: str) -> CampaignStatus: raise NotImplementedError
async def delete(db: Database, client_id: str, campaign_id: str) -> int:
    """Number of locations deleted. Conflict while jobs run."""
    raise NotImplementedError
async def retry_location(db: Database, client_id: str, campaign_id: str, location_id: int, mode: str) -> Retried: raise NotImplementedError
async def list_campaigns(db: Database, client_id: str, *, status: Status | None, country_code: str | None, page: int, page_size: int) -> CampaignPage: raise NotImplementedError
async def leads(db: Database, client_id: str, campaign_id: str, *, include_pending: bool, min_valid_emails: int | None, page: int, page_size: int) -> LeadPage: raise NotImplementedError
def export(db: Database, client_id: str, campaign_id: str) -> AsyncIterator[Lead]:
    """Every lead in location order, paged by key: constant memory, no long transaction."""
    raise NotImplementedError
