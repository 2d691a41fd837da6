"""One page in the browser: loaded, waited for, read."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from orbweave.site import urls
from orbweave.site.fetch import Answer, Check, Fetcher, FetchError
from orbweave.site.render.chromium import Chromium, Gone, Refused
from orbweave.site.render.requests import Reply, Request, Requests

_WORLD = "orbweave"
_POLL = 0.1
_GRACE = 2.0
"""Seconds a page that ran out of time gets to hand over what is there."""
_MAX_DOCUMENTS = 5
_MAX_ASKED = 1000
_CRASHED = "The page broke the browser, or took too much memory."
_ASKS_TOO_MUCH = "The page asks for more and more."

# Seconds without a request under way and without a change that mean that a page is done.
_QUIET = 0.5
_QUIET_WHILE_EMPTY = 2.0
_ONLY_REQUESTS_QUIET = 2.0
_ONLY_DOM_QUIET = 3.0

# What sends packets without asking.
_REMOVE = "delete globalThis.RTCPeerConnection; delete globalThis.webkitRTCPeerConnection;"

# Both run in a world of their own, which the page's scripts can't reach.
_WATCH = """(() => {
  if (globalThis.changed === undefined) {
    globalThis.changed = performance.now();
    new MutationObserver(() => { globalThis.changed = performance.now(); })
      .observe(document, {subtree: true, childList: true, characterData: true});
  }
  const small = document.getElementsByTagName('*').length < 500;
  const empty = small && (document.body?.innerText ?? '').trim().length < 100;
  return [(performance.now() - globalThis.changed) / 1000, empty];
})()"""
_READ = """(() => {
  const parts = [document.documentElement?.outerHTML ?? ''];
  const open = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) {
        parts.push('<div>' + element.shadowRoot.innerHTML + '</div>');
        open(element.shadowRoot);
      }
    }
  };
  open(document);
  return [parts.join('\\n').slice(0, %d).toWellFormed(), location.href];
})()"""


class RenderError(FetchError):
    """Outcomes of its own: ``no_browser``, ``crashed``, ``timeout``; else those of the document's fetch."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """``html`` the document as its scripts left it, open shadow roots after it; ``final_url`` where the address bar
    ended; ``status`` of the document."""

    html: str
    final_url: str
    status: int


class Page:
    """``answer`` is the document, if it is already there; ``check`` is asked before any other document is fetched."""

    def __init__(
        self,
        chromium: Chromium,
        session: str,
        frame: str,
        fetcher: Fetcher,
        requests: Requests,
        max_bytes: int,
        check: Check,
        answer: Answer | None,
    ) -> None:
        self._chromium = chromium
        self._session = session
        self._frame = frame
        self._fetcher = fetcher
        self._requests = requests
        self._max_bytes = max_bytes
        self._check = check
        self._next = answer
        self._shown: Answer | None = None
        self._documents = 0
        self._error: FetchError | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._over: str | None = None
        self._asked = self._asking = 0
        self._asked_at = time.monotonic()

    async def render(self, url: str, deadline: float) -> Rendered:
        """``deadline`` on the loop's clock. Raises RenderError."""
        self._chromium.listen(self._session, self._on_event)
        try:
            try:
                async with asyncio.timeout_at(deadline):
                    await self._open(url)
                    await self._settle()
            except TimeoutError:
                if self._shown is None:
                    raise RenderError("timeout", "The page did not come in time.") from None
            return await self._read()
        except Gone:
            raise RenderError("crashed", self._over or _CRASHED) from None
        finally:
            self._chromium.forget(self._session, "closed")
            for task in self._tasks:
                task.cancel()

    async def _open(self, url: str) -> None:
        await asyncio.gather(
            self._call("Page.enable"),
            self._call("Inspector.enable"),
            self._call("Fetch.enable", patterns=[{"urlPattern": "*"}]),
            self._call("Page.addScriptToEvaluateOnNewDocument", source=_REMOVE, runImmediately=True),
        )
        loaded = await self._call("Page.navigate", url=url)
        if self._error is not None and self._shown is None:
            raise RenderError(self._error.outcome, self._error.reason, status=self._error.status)
        if "errorText" in loaded:
            raise RenderError("crashed", f"The browser could not show the page ({loaded['errorText']}).")

    async def _settle(self) -> None:
        """Until nothing more is asked for and nothing more changes, or one of the two for much longer."""
        while True:
            await asyncio.sleep(_POLL)
            try:
                still, empty = await self._evaluate(_WATCH)
            except Refused:
                continue  # it is being replaced by another document
            unasked = 0.0 if self._asking else time.monotonic() - self._asked_at
            enough = _QUIET_WHILE_EMPTY if empty else _QUIET
            if min(still, unasked) >= enough or unasked >= max(enough, _ONLY_REQUESTS_QUIET) or still > _ONLY_DOM_QUIET:
                return

    async def _read(self) -> Rendered:
        assert self._shown is not None
        try:
            async with asyncio.timeout(_GRACE):
                while True:
                    try:
                        html, url = await self._evaluate(_READ % self._max_bytes)
                        break
                    except Refused:
                        await asyncio.sleep(_POLL)
        except TimeoutError:
            raise RenderError("timeout", "Its scripts do not end.", status=self._shown.status) from None
        final = url if url.startswith(("http://", "https://")) else self._shown.url
        return Rendered(f"<!doctype html>\n{html}", final, self._shown.status)

    async def _evaluate(self, expression: str) -> Any:
        world = await self._call("Page.createIsolatedWorld", frameId=self._frame, worldName=_WORLD)
        answer = await self._call(
            "Runtime.evaluate",
            expression=expression,
            contextId=world["executionContextId"],
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            raise Refused("The page's own world failed.")
        return answer["result"]["value"]

    async def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        if self._over:
            raise Gone(self._over)
        return await self._chromium.call(method, self._session, **parameters)

    def _on_event(self, method: str, event: dict[str, Any]) -> None:
        match method:
            case "Fetch.requestPaused":
                self._asked += 1
                if self._asked > _MAX_ASKED:  # even to refuse so much is work
                    self._end(_ASKS_TOO_MUCH)
                else:
                    self._spawn(self._answer(event))
            case "Page.javascriptDialogOpening":
                accept = event.get("type") == "beforeunload"
                self._spawn(self._say("Page.handleJavaScriptDialog", accept=accept))
            case "Inspector.targetCrashed" | "Inspector.detached":
                self._end(_CRASHED)

    def _end(self, why: str) -> None:
        self._over = why
        self._chromium.forget(self._session, why)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say(self, method: str, **parameters: Any) -> None:
        with contextlib.suppress(Refused, Gone):
            await self._call(method, **parameters)

    # What it asks for

    async def _answer(self, event: dict[str, Any]) -> None:
        self._asking += 1
        try:
            is_document = event["resourceType"] == "Document"
            reply = await (self._document(event) if is_document else self._requests.answer(self._request(event)))
            if reply is not None:
                await self._say("Fetch.fulfillRequest", requestId=event["requestId"], **reply.parameters())
            else:
                # A document that is aborted leaves the one before it in place; anything else would show an error page.
                reason = "Aborted" if is_document else "BlockedByClient"
                await self._say("Fetch.failRequest", requestId=event["requestId"], errorReason=reason)
        finally:
            self._asking -= 1
            self._asked_at = time.monotonic()

    def _request(self, event: dict[str, Any]) -> Request:
        asked = event["request"]
        pieces = [base64.b64decode(piece.get("bytes", "")) for piece in asked.get("postDataEntries", ())]
        origin = urls.origin(self._shown.url) if self._shown else "null"
        body = b"".join(pieces) if pieces else None
        return Request(event["resourceType"], asked["method"], asked["url"], asked["headers"], body, origin)

    async def _document(self, event: dict[str, Any]) -> Reply | None:
        """Only of the page itself: frames stay empty."""
        url = urls.canonical(event["request"]["url"])
        if event["frameId"] != self._frame or event["request"]["method"] != "GET" or url is None:
            return None
        answer, self._next = self._next, None
        if answer is None:
            self._documents += 1
            if self._documents > _MAX_DOCUMENTS:
                return None
            try:
                answer = await self._fetcher.get(url, self._check, self._max_bytes, pages_only=True)
            except FetchError as error:
                self._error = error
                return None
            if answer.url != url:
                self._next = answer
                return Reply(302, {"Location": answer.url})
        self._shown = answer
        return Reply(answer.status, {"Content-Type": answer.content_type or "text/html"}, answer.body)
