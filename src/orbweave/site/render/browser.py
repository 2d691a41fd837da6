"""``Browser``: one Chromium for a process, started when it is first needed and replaced when it fails."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import aiohttp

from orbweave.errors import InvalidInput
from orbweave.net import Network
from orbweave.net.gate import Gate, LocalGate
from orbweave.site import urls
from orbweave.site.fetch import Answer, Check, Fetcher, FetchError
from orbweave.site.limits import Limits, Pace
from orbweave.site.render import chromium
from orbweave.site.render.chromium import Chromium, Gone, Refused
from orbweave.site.render.page import Page, Rendered, RenderError
from orbweave.site.render.requests import Requests, Scripts

if TYPE_CHECKING:
    from orbweave.config import Settings

HOW_TO_GET = (
    "Install Chromium (on Debian: apt install chromium-headless-shell), or set ORBWEAVE_BROWSER_PATH to any Chromium."
)

_START_SECONDS = 20.0
_COMMAND_SECONDS = 10.0
_CHECK_SECONDS = 0.5
_IDLE_SECONDS = 60.0
_RETRY_SECONDS = 60.0
_MAX_PAGES = 500
"""A browser is replaced after so many, whatever its size."""


class Browser:
    """Shared by all that render in one process and event loop. ``async with``, or ``close()`` at the end.

    ``path`` of any Chromium, without one this machine's; ``pages_at_once`` in it; ``memory_mb`` that all its processes
    may take together; ``seconds`` a page may take; ``requests`` and ``request_bytes`` that it may ask for besides its
    document. As root it runs as ``nobody``. Raises InvalidInput when ``path`` leads to no program."""

    def __init__(
        self,
        network: Network,
        path: Path | None = None,
        *,
        pages_at_once: int = 2,
        memory_mb: int = 1024,
        seconds: float = 15.0,
        requests: int = 100,
        request_bytes: int = 20_000_000,
        sandbox: bool = True,
        limits: Limits = Limits(),
        pace: Pace = Pace(),
        gate: Gate | None = None,
    ) -> None:
        self.path = self.find(path)
        if path is not None and self.path is None:
            raise InvalidInput(f"{path} is not a program that can be run. {HOW_TO_GET}", field="browser_path")
        self._network = network
        self._memory_mb = memory_mb
        self._seconds = seconds
        self._most_requests, self._request_bytes = requests, request_bytes
        self._sandbox = sandbox
        self._limits, self._pace, self._gate = limits, pace, gate or LocalGate()
        self._places = asyncio.Semaphore(pages_at_once)
        self._scripts = Scripts()
        self._starting = asyncio.Lock()
        self._current: Chromium | None = None
        self._running: set[Chromium] = set()
        self._broken: tuple[float, RenderError] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        self._used_at = time.monotonic()

    @classmethod
    def of(cls, network: Network, settings: Settings, **options: Any) -> Browser:
        """As the settings say, for those that have any ``browser_pages``."""
        return cls(
            network,
            settings.browser_path,
            pages_at_once=settings.browser_pages,
            memory_mb=settings.browser_memory_mb,
            seconds=settings.browser_timeout,
            sandbox=settings.browser_sandbox,
            **options,
        )

    @staticmethod
    def find(path: str | os.PathLike[str] | None = None) -> Path | None:
        """The program at ``path``, without one the first Chromium that this machine has; None if there is none."""
        return chromium.find(path)

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the browser and remove its files; pages under way fail."""
        async with self._starting:
            self._broken = math.inf, RenderError("no_browser", "The browser was closed.")
            self._current = None
            if self._watching is not None:
                self._watching.cancel()
            await asyncio.gather(*map(self._end, list(self._running)))
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def version(self) -> str:
        """Of the browser, which is started for it. Raises RenderError."""
        answer = await (await self._ready()).call("Browser.getVersion")
        return str(answer["product"])

    async def render(
        self,
        url: str,
        timeout_seconds: float | None = None,
        *,
        answer: Answer | None = None,
        check: Check | None = None,
    ) -> Rendered:
        """The page at ``url`` as its scripts leave it; ``answer`` is its document if it was fetched already.

        ``check(url, previous)`` is awaited before any document is fetched, also when a script navigates, and raises
        FetchError to refuse it; without one a page may not leave its site. ``timeout_seconds`` (default ``seconds``)
        count from when a place in the browser is free; at their end what is there is taken. Raises RenderError:
        ``no_browser``, ``crashed``, ``timeout`` (its scripts never end), or what became of the document."""
        seconds = self._seconds if timeout_seconds is None else timeout_seconds
        await self._places.acquire()
        try:
            browser = await self._ready()
            context = asyncio.create_task(browser.call("Target.createBrowserContext"))
        except BaseException:
            self._places.release()
            raise
        browser.open += 1
        browser.opened += 1
        try:
            return await self._rendered(browser, context, url, seconds, answer, check or _within(url))
        except Gone:
            raise RenderError("crashed", "The browser ended.") from None
        except Refused as error:
            raise RenderError("crashed", f"The browser failed ({error}).") from None
        finally:
            # Nobody waits for it, least of all who was cancelled.
            self._later(self._leave(browser, context))

    async def _rendered(
        self,
        browser: Chromium,
        context: asyncio.Task[dict[str, Any]],
        url: str,
        seconds: float,
        answer: Answer | None,
        check: Check,
    ) -> Rendered:
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout(_COMMAND_SECONDS):
                place = (await asyncio.shield(context))["browserContextId"]
                await browser.call("Browser.setDownloadBehavior", behavior="deny", browserContextId=place)
                made = await browser.call("Target.createTarget", url="about:blank", browserContextId=place)
                frame = made["targetId"]
                session = (await browser.call("Target.attachToTarget", targetId=frame, flatten=True))["sessionId"]
        except TimeoutError:
            await self._end(browser)
            raise RenderError("crashed", "The browser did not react and was ended.") from None
        async with self._network.http_session(
            cookie_jar=aiohttp.CookieJar(), timeout=aiohttp.ClientTimeout(total=seconds)
        ) as web:
            fetcher = Fetcher(web, self._limits, self._gate, self._pace, seconds)
            requests = Requests(
                web,
                self._scripts,
                most=self._most_requests,
                max_bytes=self._request_bytes,
                at_once=self._pace.host_connections,
                never=self._limits.never,
            )
            page = Page(browser, session, frame, fetcher, requests, self._limits.page_bytes, check, answer)
            return await page.render(answer.url if answer else url, deadline)

    async def _leave(self, browser: Chromium, context: asyncio.Task[dict[str, Any]]) -> None:
        """Close the page with all that it stored; a browser that can't do that in time is ended."""
        try:
            async with asyncio.timeout(_COMMAND_SECONDS):
                place = (await context)["browserContextId"]
                await browser.call("Target.disposeBrowserContext", browserContextId=place)
        except (TimeoutError, Gone, Refused):
            await self._end(browser)
        finally:
            browser.open -= 1
            self._used_at = time.monotonic()
            self._places.release()
        if browser is not self._current and not browser.open:
            await self._end(browser)

    async def _ready(self) -> Chromium:
        """The browser new pages go to."""
        async with self._starting:
            found = self._current
            if found is not None and found.alive and found.opened < _MAX_PAGES:
                return found
            self._current = None
            if found is not None and not found.open:
                await self._end(found)  # else its last page does
            if self._broken is not None and self._broken[0] > time.monotonic():
                raise self._broken[1]
            try:
                self._current = await self._start()
            except RenderError as error:
                self._broken = time.monotonic() + _RETRY_SECONDS, error
                raise
            self._running.add(self._current)
            self._used_at = time.monotonic()
            self._watching = self._watching or asyncio.create_task(self._watch())
            return self._current

    async def _start(self) -> Chromium:
        if self.path is None:
            raise RenderError("no_browser", f"There is no browser on this machine. {HOW_TO_GET}")
        user_agent = self._network.settings.user_agent
        try:
            async with asyncio.timeout(_START_SECONDS):
                return await Chromium.start(self.path, user_agent, self._memory_mb // 2, sandbox=self._sandbox)
        except TimeoutError:
            raise RenderError("no_browser", f"{self.path} did not start within {_START_SECONDS:g} s.") from None
        except Gone as error:
            hint = " Where containers forbid it, set ORBWEAVE_BROWSER_SANDBOX=false." if "sandbox" in str(error) else ""
            raise RenderError("no_browser", f"{self.path} does not start: {str(error).rstrip('.')}.{hint}") from None

    async def _end(self, browser: Chromium) -> None:
        if self._current is browser:
            self._current = None
        if browser in self._running:
            await browser.kill()
            self._running.discard(browser)

    async def _watch(self) -> None:
        """Keep it small: a page that takes too much memory is ended, and so is a browser that nobody uses."""
        while True:
            await asyncio.sleep(_CHECK_SECONDS)
            for browser in list(self._running):
                if browser.open:
                    browser.trim(self._memory_mb)
                elif time.monotonic() - self._used_at > _IDLE_SECONDS:
                    await self._end(browser)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _within(url: str) -> Check:
    site = urls.site_of(url)

    async def check(following: str, previous: str | None) -> None:
        if urls.site_of(following) != site:
            raise FetchError("left_site", f"It leads to another site ({urls.host_of(following)}).")

    return check
