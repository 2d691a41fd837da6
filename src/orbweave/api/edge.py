"""The outermost layer: no exception leaves it unanswered, and every answer carries the rate limit."""

from __future__ import annotations

import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from orbweave.api import errors
from orbweave.api.auth import standing


class Edge:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        started = False

        async def send_with_limit(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update(standing(scope).headers(time.time()))
            await send(message)

        try:
            await self.app(scope, receive, send_with_limit)
        except Exception as error:
            if started:  # half an answer is out: breaking the connection is the only honest end
                raise
            with bound_contextvars(method=scope["method"], path=scope["path"]):
                answer = errors.answer(error)
            await answer(scope, receive, send_with_limit)
