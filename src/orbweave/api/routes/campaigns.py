"""/jobs/spiderMaps/campaigns: a query over the locations of a country."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import StreamingResponse

from orbweave import exports
from orbweave.api import wire
from orbweave.api.auth import Caller, Config, Db, PlaceSources
from orbweave.api.errors import answers
from orbweave.api.models import (
    INT4_MAX,
    INT53_MAX,
    CampaignChange,
    CampaignState,
    CampaignSubmission,
    CountryCode,
    Retry,
)
from orbweave.api.routing import FORMATS, ClientRoute, Format, JobId, PageNumber
from orbweave.api.waiting import Found, Patience, until_whole
from orbweave.campaigns import service
from orbweave.errors import IllegalState

router = APIRouter(
    prefix="/jobs/spiderMaps/campaigns", tags=["campaigns"], route_class=ClientRoute, responses=answers(404)
)

CampaignId = Annotated[str, Path(max_length=200, examples=["camp_li_restaurants_20261124_0123abcd"])]


@router.post("/submit", status_code=201)
async def submit(
    body: CampaignSubmission, db: Db, client: Caller, config: Config, sources: PlaceSources
) -> wire.SubmittedCampaign:
    """Make a campaign: one row per matching location."""
    spec = body.spec(model=config.has_model)
    created = await service.create(db, client.client_id, spec, sources=sources, max_locations=config.max_locations)
    matched = await service.matched(spec, sources)
    return wire.submitted_campaign(created, matched, await service.warning(spec, matched, sources))


@router.post("/estimate")
async def estimate(
    body: CampaignSubmission, db: Db, client: Caller, config: Config, sources: PlaceSources
) -> wire.EstimateAnswer:
    """What the same body would make. Writes nothing."""
    spec = body.spec(model=config.has_model)
    estimated = await service.estimate(db, spec, sources=sources, max_locations=config.max_locations)
    return wire.estimate(estimated, spec.workflow)


@router.get("/", include_in_schema=False)
@router.get("", responses=FORMATS)
async def list_campaigns(
    db: Db,
    client: Caller,
    status: CampaignState | None = None,
    country_code: CountryCode | None = None,
    page: PageNumber = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
    format: Format = "json",
) -> wire.CampaignList:
    """Newest first."""
    found = await service.list_campaigns(
        db, client.client_id, status=status, country_code=country_code, page=page, page_size=page_size
    )
    return wire.campaign_list(found, page, page_size)


@router.post("/{campaign_id}/next", responses=answers(400))
async def next_location(campaign_id: CampaignId, db: Db, client: Caller) -> wire.NextAnswer:
    """Dispatch the next pending location: the most populous first. No two calls get the same one."""
    return wire.next_location(await service.next_location(db, client.client_id, campaign_id))


@router.get("/{campaign_id}/status", responses=FORMATS)
async def status(campaign_id: CampaignId, db: Db, client: Caller, format: Format = "json") -> wire.CampaignAnswer:
    """Counters of one consistent snapshot."""
    return wire.campaign(await service.status(db, client.client_id, campaign_id))


@router.post("/{campaign_id}/stop", responses=answers(400))
async def stop(campaign_id: CampaignId, db: Db, client: Caller) -> wire.StateChange:
    """Dispatch no more locations; what is dispatched runs on."""
    stopped = await service.stop(db, client.client_id, campaign_id)
    return wire.state_change(stopped, "The campaign is stopped. Jobs already submitted run on; continue resumes it.")


@router.post("/{campaign_id}/pause", responses=answers(400))
async def pause(campaign_id: CampaignId, db: Db, client: Caller) -> wire.StateChange:
    """Like stop, meant to be continued."""
    paused = await service.pause(db, client.client_id, campaign_id, "Paused by the client.")
    return wire.state_change(paused, "The campaign is paused. Jobs already submitted run on; continue resumes it.")


@router.post("/{campaign_id}/continue", responses=answers(400))
async def resume(campaign_id: CampaignId, db: Db, client: Caller) -> wire.StateChange:
    return wire.state_change(await service.resume(db, client.client_id, campaign_id), "The campaign is active.")


@router.patch("/{campaign_id}")
async def rename(campaign_id: CampaignId, body: CampaignChange, db: Db, client: Caller) -> wire.CampaignItem:
    return wire.campaign_item(await service.rename(db, client.client_id, campaign_id, body.name))


@router.delete("/{campaign_id}", responses=answers(409))
async def delete(campaign_id: CampaignId, db: Db, client: Caller) -> wire.DeletedCampaign:
    """With its locations, jobs and results. Not while jobs run: stop it first."""
    deleted = await service.delete(db, client.client_id, campaign_id)
    return wire.DeletedCampaign(
        campaign_id=campaign_id, deleted_locations=deleted, message="The campaign and its results are deleted."
    )


@router.post("/{campaign_id}/locations/{location_id}/retry", responses=answers(400, 409))
async def retry_location(
    campaign_id: CampaignId,
    location_id: Annotated[int, Path(ge=1, le=INT53_MAX)],
    db: Db,
    client: Caller,
    body: Retry | None = None,
) -> wire.RetryAnswer:
    mode = (body or Retry()).retry_mode
    return wire.retried(await service.retry_location(db, client.client_id, campaign_id, location_id, mode))


@router.get("/{campaign_id}/workflow-results", responses=FORMATS | answers(400))
async def workflow_results(
    campaign_id: CampaignId,
    db: Db,
    client: Caller,
    include_pending: bool = False,
    min_valid_emails: Annotated[int | None, Query(ge=0, le=INT4_MAX)] = None,
    page: PageNumber = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 50,
    format: Format = "json",
) -> wire.WorkflowResults:
    """Businesses in location order, regrouped by location; pages count businesses."""
    found = await service.leads(
        db,
        client.client_id,
        campaign_id,
        include_pending=include_pending,
        min_valid_emails=min_valid_emails,
        page=page,
        page_size=page_size,
    )
    if found.campaign.workflow_given is None:
        raise IllegalState(
            "This campaign has no workflow, so it has no workflow results. Use export, or its jobs' results."
        )
    return wire.workflow_results(found, page, page_size)


@router.get("/{campaign_id}/jobs/{job_id}/results", responses=FORMATS)
async def job_results(
    campaign_id: CampaignId,
    job_id: JobId,
    request: Request,
    db: Db,
    client: Caller,
    wait: Annotated[bool, Query(description="Until every business went through all its stages.")] = False,
    format: Format = "json",
) -> wire.CampaignJobResults:
    """One location's businesses. With ``wait``, status is partial when it takes too long (10 minutes in all)."""

    async def read() -> Found:
        return Found(*await service.job_leads(db, client.client_id, campaign_id, job_id))

    found = await until_whole(read, request.is_disconnected, Patience()) if wait else await read()
    return wire.campaign_job_results(found, campaign_id)


@router.get(
    "/{campaign_id}/export",
    response_class=StreamingResponse,
    responses={200: {"content": {media_type: {} for media_type in exports.MEDIA_TYPES.values()}}},
)
async def export(
    campaign_id: CampaignId,
    db: Db,
    client: Caller,
    format: Annotated[Literal["csv", "jsonl"], Query(description="More formats will follow.")] = "csv",
    preset: Annotated[
        Literal["plain", "excel"], Query(description="Of CSV; excel: byte order mark, CRLF, phones as text.")
    ] = "plain",
) -> StreamingResponse:
    """Every business of the campaign, one a line, streamed. Ends early, with the connection, only on an error."""
    await service.status(db, client.client_id, campaign_id)
    rows = (wire.export_row(lead) async for lead in service.export(db, client.client_id, campaign_id))
    chunks: AsyncIterator[bytes] = (
        exports.jsonl(rows) if format == "jsonl" else exports.csv(rows, excel=preset == "excel")
    )
    return StreamingResponse(
        chunks,
        media_type=exports.MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="{campaign_id}.{format}"'},
    )
