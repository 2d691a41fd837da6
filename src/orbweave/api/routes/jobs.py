"""/jobs: one search, one crawl or one verification."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, unquote_plus, urlsplit

from fastapi import APIRouter, Query, Response
from pydantic import ValidationError
from starlette.responses import JSONResponse

from orbweave.api import wire
from orbweave.api.auth import Caller, Config, Db
from orbweave.api.errors import answers
from orbweave.api.models import (
    JobState,
    JobType,
    LegacySubmission,
    MapsPayload,
    MapsSubmission,
    Payload,
    SitePayload,
    SiteSubmission,
    VerifySubmission,
)
from orbweave.api.routing import CONTENT, FORMATS, ClientRoute, Format, JobId, PageNumber
from orbweave.campaigns.service import cancel_job
from orbweave.config import Settings
from orbweave.errors import IllegalState, InvalidInput
from orbweave.jobs import service
from orbweave.maps import SearchRequest
from orbweave.site.request import CrawlRequest
from orbweave.verify import VerifyOptions

router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=ClientRoute, responses=answers())

SERVICES: dict[JobType, Literal["maps", "site", "verify"]] = {
    "spiderMaps": "maps",
    "spiderSite": "site",
    "spiderVerify": "verify",
}
# What the job itself will make of its payload: what it would refuse is refused now.
PARSERS: dict[JobType, Callable[[dict[str, Any], Settings], object]] = {
    "spiderMaps": lambda payload, _: SearchRequest.from_payload(payload),
    "spiderSite": lambda payload, settings: CrawlRequest.from_payload(payload, model=settings.has_model),
    "spiderVerify": lambda payload, _: VerifyOptions.from_payload(payload),
}


async def _submit(
    db: Db, client: Caller, config: Config, kind: JobType, payload: Payload, priority: int
) -> wire.SubmittedJob:
    given = payload.given()
    try:
        PARSERS[kind](given, config)
    except InvalidInput as error:
        raise InvalidInput(str(error), field=f"payload.{error.field}" if error.field else "payload") from None
    submitted = await service.submit(db, client.client_id, SERVICES[kind], given, priority)
    return wire.submitted_job(submitted, kind)


@router.post("/spiderMaps/submit", status_code=201)
async def submit_maps(body: MapsSubmission, db: Db, client: Caller, config: Config) -> wire.SubmittedJob:
    """Search businesses: "dentists in Vaduz"."""
    return await _submit(db, client, config, "spiderMaps", body.payload, body.priority)


@router.post("/spiderSite/submit", status_code=201)
async def submit_site(body: SiteSubmission, db: Db, client: Caller, config: Config) -> wire.SubmittedJob:
    """Crawl a website for contacts."""
    return await _submit(db, client, config, "spiderSite", body.payload, body.priority)


@router.post("/spiderVerify/submit", status_code=201)
async def submit_verify(body: VerifySubmission, db: Db, client: Caller, config: Config) -> wire.SubmittedJob:
    """Verify e-mail addresses. No message is sent."""
    return await _submit(db, client, config, "spiderVerify", body.payload, body.priority)


@router.post("/submit", status_code=201, responses=answers(400), deprecated=True)
async def submit_legacy(body: LegacySubmission, db: Db, client: Caller, config: Config) -> wire.SubmittedJob:
    """The flat form of old clients; use /jobs/{type}/submit."""
    fields = {**(body.model_extra or {}), **({"url": body.url} if body.url is not None else {})}
    try:
        match body.job_type:
            case "spiderSite":
                return await _submit(
                    db, client, config, "spiderSite", SitePayload.model_validate(fields), body.priority
                )
            case "spiderMaps":
                if body.url is not None and not fields.keys() & {"search_query", "query"}:
                    fields = {**fields, "search_query": _search_of(fields.pop("url"))}
                return await _submit(
                    db, client, config, "spiderMaps", MapsPayload.model_validate(fields), body.priority
                )
    except ValidationError as error:
        first = error.errors()[0]
        raise IllegalState(f"{'.'.join(map(str, first['loc'])) or 'The body'}: {first['msg']}") from None
    raise IllegalState("job_type must be spiderSite or spiderMaps; submit e-mails to /jobs/spiderVerify/submit.")


def _search_of(url: str) -> str:
    """What a map's address searches for, or the text itself when it is no address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return url
    _, _, path = parts.path.partition("/maps/search/")
    asked = parse_qs(parts.query)
    text = unquote_plus(path.split("/")[0]) or (asked.get("q") or asked.get("query") or [""])[0]
    if not text:
        raise IllegalState("For spiderMaps give search_query, or a url such as …/maps/search/dentists+in+Vaduz.")
    return text


@router.get("/list", responses=FORMATS)
async def list_jobs(
    db: Db,
    client: Caller,
    status_filter: JobState | None = None,
    type_filter: JobType | None = None,
    sort_by: Literal["created_at", "updated_at", "status"] = "created_at",
    sort_order: Literal["asc", "desc"] = "desc",
    page: PageNumber = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 50,
    format: Format = "json",
) -> wire.JobList:
    found = await service.list_jobs(
        db,
        client.client_id,
        status=status_filter,
        type=SERVICES[type_filter] if type_filter else None,
        sort_by=sort_by,
        sort_order=sort_order,
        page=page,
        page_size=page_size,
    )
    return wire.job_list(found, page, page_size)


@router.get("/{job_id}/status", responses=FORMATS | answers(404))
async def status(job_id: JobId, db: Db, client: Caller, format: Format = "json") -> wire.JobAnswer:
    return wire.job(await service.get(db, client.client_id, job_id))


@router.get(
    "/{job_id}/results",
    response_model=wire.JobResults,
    responses={
        **FORMATS,
        **answers(404),
        202: {"model": wire.JobResults, "content": CONTENT, "description": "The job is not done yet"},
        410: {"model": wire.GoneResults, "content": CONTENT, "description": "The job failed or was cancelled"},
    },
)
async def results(
    job_id: JobId, db: Db, client: Caller, response: Response, format: Format = "json"
) -> wire.JobResults | JSONResponse:
    """200 with the results of a completed job, 202 before, 410 when it failed or was cancelled."""
    found = wire.job_results(await service.results(db, client.client_id, job_id))
    match found["status"]:
        case "queued" | "processing":
            response.status_code = 202
        case "failed" | "cancelled":
            return JSONResponse(wire.gone(found), status_code=410)
    return found


@router.get(
    "/{job_id}/compendium",
    response_class=Response,
    responses={200: {"content": {"text/markdown": {}}}, **answers(404)},
)
async def compendium(job_id: JobId, db: Db, client: Caller) -> Response:
    """The Markdown that a spiderSite job made of its pages, also when it is left out of the results."""
    found = await service.compendium(db, client.client_id, job_id)
    return Response(found, media_type="text/markdown; charset=utf-8")


@router.delete("/{job_id}", responses=answers(400, 404))
async def cancel(job_id: JobId, db: Db, client: Caller) -> wire.CancelledJob:
    """Cancel a queued job, or stop a running one and drop its partial results."""
    return wire.cancelled_job(await cancel_job(db, client.client_id, job_id))
