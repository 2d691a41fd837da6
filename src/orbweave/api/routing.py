"""What all routes share: a strict body, the caller before the body, and the format of the answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Depends, Path, Query
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from orbweave.api import formats
from orbweave.api.auth import admit
from orbweave.api.errors import invalid
from orbweave.api.models import INT4_MAX
from orbweave.errors import NotFound

MAX_BODY = 1024 * 1024
MAX_DEPTH = 100
NO_NUL = "NUL characters are not accepted"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def _job_id(job_id: Annotated[str, Path(description="A UUID.")]) -> str:
    """Raises NotFound for what cannot be the id of a job."""
    try:
        return str(UUID(job_id))
    except ValueError:
        raise NotFound(f"There is no job {job_id}.") from None


JobId = Annotated[str, Depends(_job_id)]

PageNumber = Annotated[int, Query(ge=1, le=INT4_MAX)]
Format = Annotated[Literal["json", "yaml", "md"], Query(alias="format", description="Of the answer.")]
CONTENT: dict[str, Any] = {media_type: {} for media_type, _ in formats.RENDERERS.values()}
FORMATS: dict[int | str, dict[str, Any]] = {200: {"content": CONTENT}}
"""The OpenAPI description of what ``format`` adds."""


class StrictRequest(Request):
    """At most ``MAX_BODY`` bytes of JSON as the database can keep it: UTF-8, finite numbers, no NUL
    characters, no abyss."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        size = 0
        async for chunk in super().stream():
            size += len(chunk)
            if size > MAX_BODY:
                raise HTTPException(413)
            yield chunk

    async def json(self) -> Any:
        body = await self.body()
        value = orjson.loads(body)
        suspicious = b"\\u0000" in body or body.count(b"[") + body.count(b"{") > MAX_DEPTH
        if suspicious and (refusal := _refusal(value)):
            raise json.JSONDecodeError(refusal, body.decode(), 0)
        return value


class Route(APIRoute):
    """Open to everyone."""

    async def before(self, request: Request) -> None:
        if "\x00" in request.url.path or "%00" in request.url.query:
            raise invalid(["path" if "\x00" in request.url.path else "query"], NO_NUL)

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            await self.before(request)
            response = await handle(StrictRequest(request.scope, request.receive))
            render = formats.RENDERERS.get(request.query_params.get("format", "json"))
            if request.method != "GET" or render is None or response.media_type != "application/json":
                return response
            text = await asyncio.to_thread(render[1], orjson.loads(response.body))
            return Response(text, response.status_code, media_type=render[0])

        return handler


class ClientRoute(Route):
    """For clients with credentials only. They are checked, and counted, before a byte of the body is read."""

    async def before(self, request: Request) -> None:
        await admit(request)
        await super().before(request)


def _refusal(value: Any, depth: int = 0) -> str | None:
    """Why the database could not keep ``value``, if so."""
    inner: list[Any] = []
    match value:
        case str() if "\x00" in value:
            return NO_NUL
        case list():
            inner = value
        case dict():
            inner = [*value.keys(), *value.values()]
    if inner and depth == MAX_DEPTH:
        return f"Nesting deeper than {MAX_DEPTH} levels is not accepted"
    return next((refusal for each in inner if (refusal := _refusal(each, depth + 1))), None)
