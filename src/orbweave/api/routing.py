"""What all routes share: a strict body, the caller before the body, and the format of the answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Annotated, Any, Literal

import orjson
from fastapi import Query
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from orbweave.api import formats
from orbweave.api.auth import admit
from orbweave.api.errors import invalid
from orbweave.api.models import INT4_MAX

MAX_BODY = 1024 * 1024

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

PageNumber = Annotated[int, Query(ge=1, le=INT4_MAX)]
Format = Annotated[Literal["json", "yaml", "md"], Query(alias="format", description="Of the answer.")]
FORMATS: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {"schema": {"type": "string"}} for media_type, _ in formats.RENDERERS.values()}}
}
"""The OpenAPI description of what ``format`` adds."""


class StrictRequest(Request):
    """At most ``MAX_BODY`` bytes of JSON as the database can keep it: UTF-8, finite numbers, no NUL characters."""

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
        if b"\\u0000" in body and _has_nul(value):
            raise json.JSONDecodeError("NUL characters are not accepted", body.decode(), body.find(b"\\u0000"))
        return value


class Route(APIRoute):
    """Open to everyone."""

    async def before(self, request: Request) -> None:
        if "\x00" in request.url.path or "%00" in request.url.query:
            raise invalid(["path" if "\x00" in request.url.path else "query"], "NUL characters are not accepted")

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


def _has_nul(value: Any) -> bool:
    match value:
        case str():
            return "\x00" in value
        case list():
            return any(map(_has_nul, value))
        case dict():
            return any(_has_nul(key) or _has_nul(each) for key, each in value.items())
    return False
