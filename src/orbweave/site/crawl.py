"""One site: fetch, read, follow, stop. The only module here that does I/O over time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from orbweave.net import Network
from orbweave.site import extract, sitemap, urls
from orbweave.site.document import Document, read
from orbweave.site.extract.socials import is_social, profile_of
from orbweave.site.facts import Fact
from orbweave.site.fetch import Answer, Fetcher, FetchError
from orbweave.site.frontier import Frontier, Target
from orbweave.site.gate import Gate, LocalGate
from orbweave.site.kinds import page_kind
from orbweave.site.limits import Limits, Pace
from orbweave.site.pages import PageStore
from orbweave.site.request import CrawlRequest
from orbweave.site.result import PageReport, Sighting, SiteResult
from orbweave.site.robots import Robots

if TYPE_CHECKING:
    from orbweave.config import Settings

# Failures of the host or the connection, not of one page.
_TRANSPORT = {"timeout", "dropped", "connection", "tls", "bad_http", "name_unavailable", "http_error", "blocked"}
_ANOTHER_DOOR = {"name_not_found", "connection", "tls"}
_LARGE_PAGE = 256 * 1024
_MAX_SITEMAPS = 4

OnPage = Callable[[PageReport], None]


class Crawler:
    """Crawls sites, as many at a time as are asked for. One for each process: ``gate`` is what keeps its crawls from
    adding up on a host."""

    def __init__(
        self,
        network: Network,
        limits: Limits = Limits(),
        pace: Pace = Pace(),
        *,
        gate: Gate | None = None,
        pages: PageStore | None = None,
    ) -> None:
        self.network = network
        self.limits = limits
        self.pace = pace
        self.gate = gate or LocalGate()
        self.pages = pages

    @classmethod
    def of(
        cls, settings: Settings, network: Network, *, gate: Gate | None = None, pages: PageStore | None = None
    ) -> Crawler:
        return cls(network, pace=Pace(settings.host_delay, settings.host_connections), gate=gate, pages=pages)

    async def __aenter__(self) -> Crawler:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    async def crawl(self, request: CrawlRequest, on_page: OnPage | None = None) -> SiteResult:
        """Read the site at ``request.url``. Never raises for anything that a site does: the result says what happened.
        ``on_page`` is told of every address as soon as it was tried."""
        async with self.network.http_session(cookie_jar=aiohttp.CookieJar()) as session:
            return await _Crawl(self, request, session, on_page).run()


class _Crawl:
    def __init__(
        self, crawler: Crawler, request: CrawlRequest, session: aiohttp.ClientSession, on_page: OnPage | None
    ) -> None:
        self._request = request
        self._limits = limits = crawler.limits
        self._pace = crawler.pace
        self._on_page = on_page
        self._fetcher = Fetcher(session, limits, crawler.gate, crawler.pace, request.timeout)
        self._robots = Robots(self._fetcher, limits, crawler.network.settings.user_agent)
        self._frontier = Frontier(request.crawl_strategy, request.target_pages)
        self._reports: list[PageReport] = []
        self._sightings: list[Sighting] = []
        self._hrefs: dict[str, str | None] = {}
        self._texts: set[int] = set()
        self._site = ""
        self._pages = 0
        self._bytes = 0
        self._failures = 0
        self._sitemap_used = False
        self._stopped: str | None = None

    async def run(self) -> SiteResult:
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._limits.site_seconds):
                if await self._enter():
                    await self._list_sitemap()
                    await self._read_on()
        except TimeoutError:
            self._stopped = f"The site took longer than {self._limits.site_seconds:g} s."
        return SiteResult(
            url=self._request.url,
            status=self._status(),
            pages=tuple(self._reports),
            sightings=tuple(self._sightings),
            site=self._site,
            error=self._error(),
            crawl_strategy=self._request.crawl_strategy,
            sitemap_used=self._sitemap_used,
            seconds=time.monotonic() - started,
            with_company=self._request.extract_company_info,
            with_team=self._request.extract_team,
        )

    # The way in

    async def _enter(self) -> bool:
        """Read the start page, by another door (https, www) when the given one doesn't exist."""
        start = urls.canonical(self._request.url)
        if start is None:
            reason = "This is not an http(s) address."
            self._reports.append(PageReport(self._request.url, None, "bad_url", 0, reason))
            return False
        self._site = urls.site_of(start)
        for door in _doors(start):
            if not self._frontier.seen(door) or door != start:
                await self._visit(Target(door, 0, page_kind(door)), start=True)
            if self._pages or self._reports[-1].outcome not in _ANOTHER_DOOR:
                break
        return self._pages > 0

    async def _list_sitemap(self) -> None:
        """Sitemaps that robots.txt names; the usual place is tried when the start page leads to too little."""
        if self._request.max_pages == 1:
            return
        home = self._reports[-1].final_url or self._reports[-1].url
        listed = self._robots.sitemaps(home)
        waiting = [url for raw in listed if (url := urls.canonical(raw, home))]
        if not waiting and len(self._frontier) < self._request.max_pages - 1:
            waiting = [f"{urls.origin(home)}/sitemap.xml"]
        for _ in range(_MAX_SITEMAPS):
            if not waiting:
                return
            url = waiting.pop(0)
            try:
                answer = await self._fetcher.get(url, self._check, self._limits.sitemap_bytes)
            except FetchError:
                continue
            body = sitemap.unpacked(answer.body, self._limits.sitemap_bytes)
            found, further = sitemap.entries(body, self._limits.sitemap_urls)
            inside = [page for raw in found if (page := urls.canonical(raw, url)) and urls.site_of(page) == self._site]
            if further:
                waiting.extend(inside[:_MAX_SITEMAPS])
                continue
            self._sitemap_used = self._sitemap_used or bool(inside)
            for page in inside:
                self._frontier.add(page, 1)

    # Page after page

    async def _read_on(self) -> None:
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                while (
                    len(running) < self._pace.host_connections
                    and self._pages + len(running) < self._request.max_pages
                    and not self._given_up()
                    and (target := self._frontier.pop())
                ):
                    running.add(asyncio.create_task(self._visit(target)))
                if not running:
                    return
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _given_up(self) -> bool:
        if self._stopped is None:
            if self._failures >= self._limits.failures_in_a_row:
                self._stopped = f"{self._failures} pages in a row failed."
            elif self._bytes >= self._limits.site_bytes:
                self._stopped = f"The site's pages are larger than {self._limits.site_bytes:,} bytes together."
            elif len(self._reports) >= 3 * self._request.max_pages + 10:
                self._stopped = "Too many of the site's links lead to no page."
        return self._stopped is not None

    async def _visit(self, target: Target, *, start: bool = False) -> None:
        started = time.monotonic()
        try:
            answer = await self._get(target.url, start)
        except FetchError as error:
            self._failures = self._failures + 1 if error.outcome in _TRANSPORT and error.status not in (404, 410) else 0
            self._report(target, error.status, error.outcome, started, error.reason)
            return
        self._failures = 0
        self._bytes += len(answer.body)
        moved = answer.url != target.url
        if moved and self._frontier.seen(answer.url) and not start:
            self._report(
                target, answer.status, "duplicate", started, "It redirects to a page already read.", answer.url
            )
            return
        if start:
            self._site = urls.site_of(answer.url)
        document, facts = await self._understand(answer, target)
        if (
            start
            and document.refresh
            and (onward := urls.canonical(document.refresh, answer.url))
            and not document.text
        ):
            # An empty page that sends browsers on is a redirect by other means.
            self._report(target, answer.status, "redirect", started, "It sends browsers on to another page.", onward)
            self._site = urls.site_of(onward)
            if not self._frontier.seen(onward):
                await self._visit(Target(onward, target.depth + 1, target.kind), start=True)
            return
        self._follow(document, target.depth + 1)
        text = hash(document.text)
        if text in self._texts and document.text:
            self._report(
                target, answer.status, "duplicate", started, "It says the same as a page already read.", answer.url
            )
            return
        self._texts.add(text)
        self._pages += 1
        found_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._sightings.extend(Sighting(fact, answer.url, found_at) for fact in facts)
        note = answer.note
        if note is None and document.is_script_shell:
            note = "The page is put together by JavaScript and was read without running it."
        self._report(target, answer.status, "ok", started, note, answer.url)

    async def _get(self, url: str, start: bool) -> Answer:
        check = self._check_start if start else self._check
        try:
            return await self._fetcher.get(url, check, self._limits.page_bytes, pages_only=True)
        except FetchError as error:
            wait = error.retry_after
            if error.status not in (429, 503) or wait is None or wait > self._limits.max_retry_after:
                raise
            await asyncio.sleep(wait)
            return await self._fetcher.get(url, check, self._limits.page_bytes, pages_only=True)

    async def _check(self, url: str, previous: str | None) -> None:
        if urls.site_of(url) != self._site:
            raise FetchError("left_site", f"It redirects to another site ({urls.host_of(url)}).")
        await self._robots.check(url)

    async def _check_start(self, url: str, previous: str | None) -> None:
        # A business may have moved to another domain, but a platform's profile of it is not its site.
        if previous is not None and is_social(url):
            if profile := profile_of(url):
                fact = Fact("social", profile[1], "redirect", "", {"platform": profile[0]})
                now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
                self._sightings.append(Sighting(fact, previous, now))
            raise FetchError(
                "left_site", f"It redirects to a profile on {urls.host_of(url)}, which is not its own site."
            )
        await self._robots.check(url)
        asked = min(self._robots.crawl_delay(url), self._pace.max_crawl_delay)
        self._fetcher.delay = max(self._pace.host_delay, asked)

    async def _understand(self, answer: Answer, target: Target) -> tuple[Document, list[Fact]]:
        if len(answer.body) > _LARGE_PAGE:
            # The loop must stay alive meanwhile.
            return await asyncio.to_thread(self._parse, answer, target)
        return self._parse(answer, target)

    def _parse(self, answer: Answer, target: Target) -> tuple[Document, list[Fact]]:
        document = read(answer.body, answer.url, answer.content_type)
        return document, extract.facts(
            document,
            site=self._site,
            kind=target.kind,
            country=self._request.country,
            with_team=self._request.extract_team,
            with_company=self._request.extract_company_info,
        )

    def _follow(self, document: Document, depth: int) -> None:
        base = urls.canonical(document.base, document.url) if document.base else document.url
        # A base that leads elsewhere would turn every link into somebody else's.
        base = base if base and urls.site_of(base) == self._site else document.url
        folder = base.rpartition("/")[0]
        for link in document.links[: self._limits.links_per_page]:
            href = link.href.strip()
            if not href or href[0] == "#" or "nofollow" in link.rel:
                continue
            # Menus repeat on every page; only what is relative to the folder differs.
            key = href if href.startswith(("/", "http")) and not href.startswith("//") else f"{folder} {href}"
            if key not in self._hrefs:
                self._hrefs[key] = self._inside(href, base)
            if url := self._hrefs[key]:
                self._frontier.add(url, depth, link.text)
        if document.refresh and (onward := self._inside(document.refresh, base)):
            self._frontier.add(onward, depth)

    def _inside(self, href: str, base: str) -> str | None:
        url = urls.canonical(href, base)
        return url if url is not None and urls.site_of(url) == self._site else None

    # What to say about it

    def _report(
        self,
        target: Target,
        status: int | None,
        outcome: str,
        started: float,
        reason: str | None,
        final: str | None = None,
    ) -> None:
        ms = round((time.monotonic() - started) * 1000)
        final = final if final != target.url else None
        report = PageReport(target.url, status, outcome, ms, reason, target.kind, final)
        self._reports.append(report)
        if self._on_page is not None:
            self._on_page(report)

    def _status(self) -> str:
        if not self._pages:
            return "failed"
        return "partial" if self._stopped or self._troubles() > self._pages else "success"

    def _troubles(self) -> int:
        return sum(report.outcome in _TRANSPORT and report.status not in (404, 410) for report in self._reports)

    def _error(self) -> str | None:
        if self._stopped:
            return self._stopped
        if not self._pages and self._reports:
            return self._reports[-1].reason
        return "Most of its pages could not be read." if self._pages and self._troubles() > self._pages else None


def _doors(start: str) -> list[str]:
    """The given address, then the same by the other scheme, then with or without www."""
    parts = urlsplit(start)
    if parts.port is not None or urls.is_address(parts.hostname or ""):
        return [start]
    other = "http" if parts.scheme == "https" else "https"
    host = parts.netloc.removeprefix("www.") if parts.netloc.startswith("www.") else f"www.{parts.netloc}"
    return [start, urlunsplit(parts._replace(scheme=other)), urlunsplit(parts._replace(scheme="https", netloc=host))]
