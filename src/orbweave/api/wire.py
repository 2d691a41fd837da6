"""Answers: what the services return, in the names and shapes of the wire format. Pure.

The TypedDicts are what the OpenAPI document says of the answers; every documented key is present, null when it does not
apply, except those marked NotRequired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NotRequired

from typing_extensions import TypedDict

from orbweave.api.models import CampaignState, JobState, JobType
from orbweave.api.waiting import ENDED, Found
from orbweave.campaigns.service import CampaignPage, Estimate, Lead, LeadPage, NextLocation, Retried
from orbweave.campaigns.spec import Workflow
from orbweave.campaigns.status import CampaignStatus, Counts
from orbweave.jobs.model import Job
from orbweave.jobs.service import JobPage, JobResult, Submitted
from orbweave.locations import Location
from orbweave.maps import Understanding
from orbweave.store.locations import Country, Region
from orbweave.verify import is_valid_count

JOB_TYPES: dict[str, JobType] = {"maps": "spiderMaps", "site": "spiderSite", "verify": "spiderVerify"}
PLATFORMS = (
    "linkedin", "twitter", "facebook", "instagram", "youtube", "github", "tiktok", "pinterest", "medium", "discord",
    "whatsapp", "telegram", "snapchat", "reddit",
)  # fmt: skip

Row = dict[str, Any]


def timestamp(value: datetime) -> str:
    """2026-11-24T08:15:00.123Z"""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def maybe_timestamp(value: datetime | None) -> str | None:
    return None if value is None else timestamp(value)


class Page(TypedDict):
    total: int
    page: int
    page_size: int
    total_pages: int


def page(total: int, number: int, size: int) -> Page:
    return Page(total=total, page=number, page_size=size, total_pages=-(-total // size))


# --- campaigns


class Progress(TypedDict):
    total: int
    pending: int
    submitted: int
    completed: int
    failed: int
    percentage: float


class CampaignJobs(TypedDict):
    queued: int
    processing: int
    completed: int
    failed: int


class WorkflowProgress(TypedDict):
    businesses_total: int
    sites_queued: int
    sites_completed: int
    sites_failed: int
    verifies_queued: int
    verifies_completed: int
    verifies_failed: int
    emails_found: int
    emails_verified: int


class CampaignAnswer(TypedDict):
    campaign_id: str
    status: CampaignState
    query: str
    country_code: str
    filter_config: dict[str, Any]
    progress: Progress
    jobs: CampaignJobs
    results_count: int
    created_at: str
    updated_at: str
    has_workflow: bool
    workflow_config: NotRequired[dict[str, Any]]
    workflow_progress: NotRequired[WorkflowProgress]
    pause_reason: NotRequired[str]


class SubmittedCampaign(TypedDict):
    campaign_id: str
    status: CampaignState
    query: str
    country_code: str
    filter_config: dict[str, Any]
    total_locations: int
    has_workflow: bool
    workflow_config: dict[str, Any] | None
    created_at: str
    message: str
    warning: str | None
    matched: dict[str, Any]


class CampaignItem(TypedDict):
    campaign_id: str
    status: CampaignState
    query: str
    country_code: str
    total_locations: int
    completed_locations: int
    created_at: str
    name: str | None


class CampaignList(Page):
    campaigns: list[CampaignItem]


class Stage(TypedDict):
    service_type: JobType
    enabled: bool
    estimated_jobs: int


class EstimateAnswer(TypedDict):
    total_locations: int
    estimated_businesses: int
    stages: list[Stage]
    total_jobs: int
    volume_cap: int | None
    requires_upgrade: bool
    matched: dict[str, Any]


class CurrentTask(TypedDict):
    job_id: str
    location_id: int
    search_string: str
    display_name: str


class NextAnswer(TypedDict):
    has_more: bool
    status: CampaignState
    current_task: CurrentTask | None
    progress: Progress


class StateChange(TypedDict):
    status: CampaignState
    message: str
    remaining_locations: int


class DeletedCampaign(TypedDict):
    campaign_id: str
    deleted_locations: int
    message: str


class RetryAnswer(TypedDict):
    new_status: str
    retry_count: int
    job_id: str


def progress(counts: Counts, percentage: float) -> Progress:
    return Progress(
        total=counts.total,
        pending=counts.pending,
        submitted=counts.submitted,
        completed=counts.completed,
        failed=counts.failed,
        percentage=percentage,
    )


def workflow_progress(counts: Counts) -> WorkflowProgress:
    return WorkflowProgress(
        businesses_total=counts.businesses,
        sites_queued=counts.sites_queued,
        sites_completed=counts.sites_completed,
        sites_failed=counts.sites_failed,
        verifies_queued=counts.verifies_queued,
        verifies_completed=counts.verifies_completed,
        verifies_failed=counts.verifies_failed,
        emails_found=counts.emails_found,
        emails_verified=counts.emails_verified,
    )


def campaign(of: CampaignStatus) -> CampaignAnswer:
    """The status answer. The workflow's keys are there only with a workflow, ``pause_reason`` only while paused."""
    counts = of.counts
    answer = CampaignAnswer(
        campaign_id=of.campaign_id,
        status=of.status,
        query=of.query,
        country_code=of.country_code,
        filter_config=of.filter_given,
        progress=progress(counts, of.percentage),
        jobs=CampaignJobs(
            queued=counts.queued, processing=counts.processing, completed=counts.completed, failed=counts.failed
        ),
        results_count=counts.results,
        created_at=timestamp(of.created_at),
        updated_at=timestamp(of.updated_at),
        has_workflow=of.workflow_given is not None,
    )
    if of.workflow_given is not None:
        answer["workflow_config"] = of.workflow_given
        answer["workflow_progress"] = workflow_progress(counts)
    if of.status == "paused" and of.pause_reason:
        answer["pause_reason"] = of.pause_reason
    return answer


def submitted_campaign(of: CampaignStatus, matched: Understanding, warning: str | None = None) -> SubmittedCampaign:
    told = f"The campaign has {of.counts.total} locations. Call next to dispatch one, unless dispatch is auto."
    return SubmittedCampaign(
        campaign_id=of.campaign_id,
        status=of.status,
        query=of.query,
        country_code=of.country_code,
        filter_config=of.filter_given,
        total_locations=of.counts.total,
        has_workflow=of.workflow_given is not None,
        workflow_config=of.workflow_given,
        created_at=timestamp(of.created_at),
        message=f"{told} {warning}" if warning else told,
        warning=warning,
        matched=matched.matched(),
    )


def campaign_item(of: CampaignStatus) -> CampaignItem:
    return CampaignItem(
        campaign_id=of.campaign_id,
        status=of.status,
        query=of.query,
        country_code=of.country_code,
        total_locations=of.counts.total,
        completed_locations=of.counts.completed,
        created_at=timestamp(of.created_at),
        name=of.name,
    )


def campaign_list(of: CampaignPage, number: int, size: int) -> CampaignList:
    return CampaignList(**page(of.total, number, size), campaigns=[campaign_item(each) for each in of.campaigns])


def estimate(of: Estimate, workflow: Workflow | None) -> EstimateAnswer:
    site, verify = (workflow.site.enabled, workflow.verify.enabled) if workflow else (False, False)
    return EstimateAnswer(
        total_locations=of.total_locations,
        estimated_businesses=of.estimated_businesses,
        stages=[
            Stage(service_type="spiderMaps", enabled=True, estimated_jobs=of.total_locations),
            Stage(service_type="spiderSite", enabled=site, estimated_jobs=of.site_jobs),
            Stage(service_type="spiderVerify", enabled=verify, estimated_jobs=of.verify_jobs),
        ],
        total_jobs=of.total_locations + of.site_jobs + of.verify_jobs,
        volume_cap=None,
        requires_upgrade=False,
        matched=of.matched.matched(),
    )


def next_location(of: NextLocation) -> NextAnswer:
    task = None
    if of.task:
        task = CurrentTask(
            job_id=of.task.job_id,
            location_id=of.task.location_id,
            search_string=of.task.search_string,
            display_name=of.task.display_name,
        )
    return NextAnswer(
        has_more=task is not None,
        status=of.campaign.status,
        current_task=task,
        progress=progress(of.campaign.counts, of.campaign.percentage_dispatched),
    )


def state_change(of: CampaignStatus, message: str) -> StateChange:
    return StateChange(status=of.status, message=message, remaining_locations=of.counts.pending + of.counts.submitted)


def retried(of: Retried) -> RetryAnswer:
    return RetryAnswer(new_status=of.new_status, retry_count=of.retry_count, job_id=of.job_id)


# --- leads


class Coordinates(TypedDict):
    lat: float
    lng: float


class DomainInfo(TypedDict):
    name: Any
    mx_found: Any
    mx_records: Any
    smtp_provider: Any


class VerifiedEmail(TypedDict):
    email: str
    status: str
    score: int
    is_deliverable: Any
    is_free_email: Any
    is_disposable: Any
    is_role_account: Any
    is_catch_all: Any
    has_gravatar: Any
    sub_status: str | None
    reason: str | None
    counts_as_valid: bool
    domain_info: DomainInfo


class Business(TypedDict):
    """What its source, its website and its mail servers say; Any where they may say anything."""

    business_name: str | None
    business_place_id: str | None
    business_address: Any
    business_phone: Any
    business_phone_e164: Any
    business_email: Any
    business_rating: Any
    business_reviews_count: Any
    business_categories: list[Any]
    gmaps_coordinates: Coordinates | None
    original_website: Any
    domain: str | None
    domain_filtered: bool
    filter_reason: str | None
    spidersite_status: str
    spidersite_error: str | None
    pages_crawled: int | None
    emails_found: list[str]
    phones_found: list[str]
    social_media: dict[str, str]
    company_info: Any
    team_members: list[Any]
    lead_scoring: Any
    spiderverify_status: str
    emails_verified: list[VerifiedEmail]
    valid_emails_count: int
    workflow_stage: str
    source: Any
    source_license: Any
    attribution: Any
    expires_at: Any


class Place(TypedDict):
    location_id: int
    search_string: str
    display_name: str
    status: str
    businesses_count: int
    businesses: list[Business]


class WorkflowResults(Page):
    campaign_id: str
    status: CampaignState
    query: str
    country_code: str
    progress: Progress
    workflow_progress: WorkflowProgress
    total_locations: int
    total_businesses: int
    total_with_domains: int
    total_domains_filtered: int
    total_emails_found: int
    total_emails_verified: int
    total_valid_emails: int
    locations: list[Place]


class CampaignJobResults(TypedDict):
    success: bool
    has_results: bool
    job_id: str
    campaign_id: str
    status: str
    businesses_total: int
    businesses_completed: int
    businesses: list[Business]


def verified_email(verdict: dict[str, Any]) -> VerifiedEmail:
    flags, domain = verdict.get("flags") or {}, verdict.get("domain") or {}
    return VerifiedEmail(
        email=verdict["email"],
        status=verdict["status"],
        score=verdict["score"],
        is_deliverable=flags.get("is_deliverable"),
        is_free_email=flags.get("is_free_email"),
        is_disposable=flags.get("is_disposable"),
        is_role_account=flags.get("is_role_account"),
        is_catch_all=flags.get("is_catch_all"),
        has_gravatar=flags.get("has_gravatar"),
        sub_status=verdict.get("sub_status"),
        reason=verdict.get("reason"),
        counts_as_valid=is_valid_count(verdict),
        domain_info=DomainInfo(
            name=domain.get("name"),
            mx_found=domain.get("mx_found"),
            mx_records=domain.get("mx_records"),
            smtp_provider=domain.get("smtp_provider"),
        ),
    )


def business(lead: Lead) -> Business:
    place, site = lead.place, lead.site or {}
    at = place.get("coordinates")
    return Business(
        business_name=place.get("name"),
        business_place_id=place.get("place_id"),
        business_address=place.get("address"),
        business_phone=place.get("phone"),
        business_phone_e164=place.get("phone_e164"),
        business_email=place.get("email"),
        business_rating=place.get("rating"),
        business_reviews_count=place.get("reviews_count"),
        business_categories=list(place.get("categories") or ()),
        gmaps_coordinates=Coordinates(lat=at["latitude"], lng=at["longitude"]) if at else None,
        original_website=place.get("website"),
        domain=lead.domain,
        domain_filtered=lead.domain_filtered,
        filter_reason=lead.filter_reason,
        spidersite_status=lead.site_status,
        spidersite_error=lead.site_error,
        pages_crawled=site.get("pages_crawled"),
        emails_found=list(site.get("emails") or ()),
        phones_found=[phone.get("e164") or phone.get("raw") for phone in site.get("phones") or ()],
        social_media=(place.get("social_media") or {}) | {name: site[name] for name in PLATFORMS if site.get(name)},
        company_info=site.get("company_vitals"),
        team_members=list(site.get("team_members") or ()),
        lead_scoring=site.get("lead_scoring"),
        spiderverify_status=lead.verify_status,
        emails_verified=[verified_email(verdict) for verdict in lead.verdicts],
        valid_emails_count=sum(map(is_valid_count, lead.verdicts)),
        workflow_stage=lead.stage,
        source=place.get("source"),
        source_license=place.get("source_license"),
        attribution=place.get("attribution"),
        expires_at=place.get("expires_at"),
    )


def workflow_results(of: LeadPage, number: int, size: int) -> WorkflowResults:
    status, counts = of.campaign, of.campaign.counts
    return WorkflowResults(
        campaign_id=status.campaign_id,
        status=status.status,
        query=status.query,
        country_code=status.country_code,
        progress=progress(counts, status.percentage),
        workflow_progress=workflow_progress(counts),
        total_locations=counts.total,
        total_businesses=counts.leads,
        total_with_domains=counts.with_domains,
        total_domains_filtered=counts.filtered,
        total_emails_found=counts.emails_found,
        total_emails_verified=counts.emails_verified,
        total_valid_emails=counts.emails_valid,
        locations=_by_location(of.leads, of.locations),
        **page(of.total, number, size),
    )


def _by_location(leads: Sequence[Lead], sizes: Mapping[int, int]) -> list[Place]:
    places = []
    for location_id, group in groupby(leads, key=lambda lead: lead.location_id):
        members = list(group)
        places.append(
            Place(
                location_id=location_id,
                search_string=members[0].search_string,
                display_name=members[0].display_name,
                status=members[0].location_status,
                businesses_count=sizes.get(location_id, len(members)),
                businesses=[business(lead) for lead in members],
            )
        )
    return places


def campaign_job_results(of: Found, campaign_id: str) -> CampaignJobResults:
    status = of.job.state if of.job.state != "completed" or of.is_whole else "processing"
    return CampaignJobResults(
        success=of.job.state not in ("failed", "cancelled"),
        has_results=bool(of.leads),
        job_id=of.job.job_id,
        campaign_id=campaign_id,
        status="partial" if of.partial else status,
        businesses_total=len(of.leads),
        businesses_completed=sum(lead.stage in ENDED for lead in of.leads),
        businesses=[business(lead) for lead in of.leads],
    )


def export_row(lead: Lead) -> Row:
    """A line of an export: the business, and the location it belongs to."""
    return {
        "location_id": lead.location_id,
        "search_string": lead.search_string,
        "display_name": lead.display_name,
        **business(lead),
    }


# --- jobs


class SubmittedJob(TypedDict):
    success: bool
    job_id: str
    type: JobType
    status: JobState
    created_at: str
    from_cache: bool
    message: str


class JobAnswer(TypedDict):
    success: bool
    job_id: str
    type: JobType
    status: JobState
    created_at: str
    updated_at: str
    worker_id: str | None
    attempt: int


class JobResults(TypedDict):
    success: bool
    job_id: str
    type: JobType
    status: JobState
    processing_time_seconds: float | None
    worker_id: str | None
    completed_at: str | None
    message: str
    data: dict[str, Any] | None
    error_message: str | None


class GoneResults(JobResults):
    detail: str


class JobItem(TypedDict):
    job_id: str
    type: JobType
    status: JobState
    url: str | None
    created_at: str
    updated_at: str
    worker_id: str | None


class JobList(Page):
    jobs: list[JobItem]


class CancelledJob(TypedDict):
    success: bool
    job_id: str
    status: JobState
    message: str


MESSAGES = {
    "queued": "The job waits for a worker. Ask again later.",
    "processing": "The job is being worked on. Ask again later.",
    "completed": "The job is done.",
    "failed": "The job failed; error_message says why. There are no results.",
    "cancelled": "The job was cancelled. There are no results.",
}


def submitted_job(of: Submitted, kind: JobType) -> SubmittedJob:
    return SubmittedJob(
        success=True,
        job_id=of.job_id,
        type=kind,
        status="queued",
        created_at=timestamp(of.created_at),
        from_cache=of.from_cache,
        message="The same payload was submitted within the last 24 hours: this is that job."
        if of.from_cache
        else "The job is queued.",
    )


def job(of: Job) -> JobAnswer:
    return JobAnswer(
        success=True,
        job_id=of.job_id,
        type=JOB_TYPES[of.type],
        status=of.state,
        created_at=timestamp(of.created_at),
        updated_at=timestamp(of.updated_at),
        worker_id=of.worker_id,
        attempt=of.attempt,
    )


def job_results(of: JobResult) -> JobResults:
    job = of.job
    took = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else None
    return JobResults(
        success=job.state not in ("failed", "cancelled"),
        job_id=job.job_id,
        type=JOB_TYPES[job.type],
        status=job.state,
        processing_time_seconds=took,
        worker_id=job.worker_id,
        completed_at=maybe_timestamp(job.finished_at),
        message=MESSAGES[job.state],
        data=of.data,
        error_message=job.error if job.state == "failed" else None,
    )


def gone(of: JobResults) -> GoneResults:
    """An error like any other, in the envelope of results."""
    return GoneResults(**of, detail=of["error_message"] or of["message"])


def job_item(of: Job) -> JobItem:
    return JobItem(
        job_id=of.job_id,
        type=JOB_TYPES[of.type],
        status=of.state,
        url=of.payload.get("url"),
        created_at=timestamp(of.created_at),
        updated_at=timestamp(of.updated_at),
        worker_id=of.worker_id,
    )


def job_list(of: JobPage, number: int, size: int) -> JobList:
    return JobList(**page(of.total, number, size), jobs=[job_item(each) for each in of.jobs])


def cancelled_job(of: Job) -> CancelledJob:
    return CancelledJob(success=True, job_id=of.job_id, status=of.state, message=MESSAGES["cancelled"])


# --- locations


class LocationItem(TypedDict):
    location_id: int
    country_code: str
    country_name: str
    search_string: str
    location_type: str
    display_name: str
    parent_city: str | None
    admin_region: str | None
    latitude: float
    longitude: float
    population: int
    needs_postcodes: bool
    created_at: str | None


class LocationList(Page):
    locations: list[LocationItem]


def location(of: Location) -> LocationItem:
    return LocationItem(
        location_id=of.location_id,
        country_code=of.country_code,
        country_name=of.country_name,
        search_string=of.search_string,
        location_type=of.location_type,
        display_name=of.display_name,
        parent_city=of.parent_city,
        admin_region=of.admin_region,
        latitude=of.latitude,
        longitude=of.longitude,
        population=of.population,
        needs_postcodes=of.needs_postcodes,
        created_at=None,
    )


def location_list(total: int, found: Sequence[Location], number: int, size: int) -> LocationList:
    return LocationList(**page(total, number, size), locations=[location(each) for each in found])


class CountryList(TypedDict):
    total: int
    countries: list[Country]


class RegionList(TypedDict):
    country_code: str
    total: int
    regions: list[Region]
