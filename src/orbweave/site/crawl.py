"""One site: fetch, read, follow, stop. The only module here that does I/O over time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from orbweave.net import Network
from orbweave.site import compendium, condition, extract, sitemap, urls
from orbweave.site.document import Document, read
from orbweave.site.enough import is_enough, may_stop_early
from orbweave.site.extract.socials import is_social, profile_of
from orbweave.site.facts import Fact
from orbweave.site.failures import OF_THE_HOST, TLS, FetchError
from orbweave.site.fetch import Answer, Check, Fetcher
from orbweave.site.frontier import Frontier, Target
from orbweave.site.gate import Gate, LocalGate
from orbweave.site.kinds import page_kind, page_kind_of
from orbweave.site.limits import Limits, Pace
from orbweave.site.links import Links, base_of
from orbweave.site.llm import SITE_CHARS, Insights, Model, insights, no_model
from orbweave.site.pages import PageStore
from orbweave.site.request import CrawlRequest
from orbweave.site.result import PageReport, Sighting, SiteResult
from orbweave.site.robots import Robots, directives

if TYPE_CHECKING:
    from orbweave.config import Settings
    from orbweave.site.render import Browser

_ANOTHER_DOOR = {"name_not_found", "connection"} | TLS
_LARGE_PAGE = 256 * 1024
_FRUITLESS_IN_A_ROW = 15
# A page with less to read may only ask for the reader's language.
_MORE_THAN_A_CHOICE = 300
_SITEMAP_PAGES = 1_000

OnPage = Callable[[PageReport], None]
P = ParamSpec("P")
T = TypeVar("T")


class Crawler:
    """Crawls sites, as many at a time as are asked for. One for each process: ``gate`` is what keeps its crawls from
    adding up on a host. With ``pages``, what was fetched lately is not fetched again; with ``browser``, pages that only
    scripts can build are rendered; with ``model``, what only a language model can answer is answered."""

    def __init__(
        self,
        network: Network,
        limits: Limits = Limits(),
        pace: Pace = Pace(),
        *,
        gate: Gate | None = None,
        pages: PageStore | None = None,
        browser: Browser | None = None,
        model: Model | None = None,
    ) -> None:
        self.network = network
        self.limits = limits
        self.pace = pace
        self.gate = gate or LocalGate()
        self.pages = pages
        self.browser = browser
        self.model = model

    @classmethod
    def of(
        cls, settings: Settings, network: Network, *, gate: Gate | None = None, pages: PageStore | None = None
    ) -> Crawler:
        pace = Pace(settings.host_delay, settings.host_connections)
        return cls(network, pace=pace, gate=gate, pages=pages, model=Model.of(settings, network))

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
            crawl = _Crawl(self, request, session, on_page)
            result = await crawl.run()
        if request.wish_for_a_model is None or not result.pages_crawled:
            return result
        text = compendium.compose(crawl.pages_read, max_chars=SITE_CHARS).text
        return replace(result, insights=await self._ask(request, result, text))

    async def _ask(self, request: CrawlRequest, result: SiteResult, text: str) -> Insights:
        if self.model is None:
            return no_model()
        return await insights(request, result.data(), text, self.model)


class _Page(NamedTuple):
    """An answer that was read."""

    answer: Answer
    document: Document
    facts: list[Fact]
    kind: str | None
    text: compendium.Page | None


class _Crawl:
    def __init__(
        self, crawler: Crawler, request: CrawlRequest, session: aiohttp.ClientSession, on_page: OnPage | None
    ) -> None:
        self._request = request
        self._limits = limits = crawler.limits
        self._pace = crawler.pace
        self._browser = crawler.browser if request.enable_spa else None
        self._on_page = on_page
        self._agent = crawler.network.settings.user_agent.partition("/")[0].strip().lower()
        self._fetcher = Fetcher(session, limits, crawler.gate, crawler.pace, request.timeout, crawler.pages)
        self._robots = Robots(self._fetcher, limits, crawler.network.settings.user_agent)
        self._frontier = Frontier(request.crawl_strategy, request.target_pages)
        self._links = Links(limits.links_per_page)
        self._reports: list[PageReport] = []
        self._sightings: list[Sighting] = []
        self._texts: set[int] = set()
        self.pages_read: list[compendium.Page] = []
        self._kinds_read: set[str] = set()
        self._first_site = self._site = self._home = ""
        self._moved_to: str | None = None
        self._language = ""
        self._pages = 0
        self._failures = 0
        self._fruitless = 0
        self._sitemap_used = False
        self._stopped: str | None = None
        self._ended_early = False
        self._retry_after: float | None = None

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
            redirected_to=self._home if self._site != self._first_site and self._pages else None,
            retry_after=self._retry_after,
            spa_enabled=self._browser is not None,
            ended_early=self._ended_early,
            compendium=await self._compendium(),
            compendium_options=self._request.compendium,
        )

    # The way in

    async def _enter(self) -> bool:
        """Read the start page, by another door when the given one doesn't exist."""
        start = urls.canonical(self._request.url)
        if start is None:
            reason = "This is not an http(s) address."
            self._report(PageReport(self._request.url, None, "bad_url", 0, reason))
            return False
        self._first_site = self._site = urls.site_of(start)
        tried: list[str] = []
        while not self._pages and (door := _next_door(start, tried, self._request.scheme_given)):
            await self._start_at(door)
            tried.append(self._reports[-1].outcome if not self._pages else "ok")
            if tried[-1] not in _ANOTHER_DOOR:
                break
        return self._pages > 0

    async def _start_at(self, url: str) -> None:
        """Read the page at ``url``, or the one that empty pages with a refresh lead to."""
        previous: str | None = None
        for _ in range(self._limits.redirects + 1):
            self._frontier.seen(url)
            came_from = previous

            async def check(next_url: str, last_url: str | None, came_from: str | None = came_from) -> None:
                await self._check_start(next_url, last_url or came_from)

            onward = await self._visit(Target(url, 0, page_kind(url)), check, start=True)
            if onward is None:
                return
            previous, url = url, onward
            if self._frontier.seen(url):
                self._report(PageReport(url, None, "redirect_loop", 0, "Its pages send browsers on in a circle."))
                return
        reason = f"Its pages send browsers on more than {self._limits.redirects} times."
        self._report(PageReport(url, None, "too_many_redirects", 0, reason))

    async def _check_start(self, url: str, previous: str | None) -> None:
        site = urls.site_of(url)
        if previous is not None and site != urls.site_of(previous):
            self._check_move(url, site, previous)
        await self._robots.check(url)
        asked = min(self._robots.crawl_delay(url), self._pace.max_crawl_delay)
        self._fetcher.delay = max(self._pace.host_delay, asked)

    def _check_move(self, url: str, site: str, previous: str) -> None:
        """A business may have moved to another domain, once; a platform's profile of it is not its site."""
        if is_social(url):
            if profile := profile_of(url):
                fact = Fact("social", profile[1], "redirect", "", {"platform": profile[0]})
                self._sightings.append(Sighting(fact, previous, _now()))
            reason = f"It redirects to a profile on {urls.host_of(url)}, which is not its own site."
            raise FetchError("left_site", reason)
        if condition.is_parking_host(url):
            raise FetchError("parked", f"It redirects to {urls.host_of(url)}, where domains are parked and sold.")
        if site == self._first_site:
            return
        if self._moved_to not in (None, site):
            raise FetchError("left_site", f"It redirects to another domain twice ({urls.host_of(url)}).")
        self._moved_to = site

    async def _list_sitemap(self) -> None:
        """Sitemaps that robots.txt names; the usual place is tried when the start page leads to too little, or to no
        page that would say how to reach the business."""
        if self._request.max_pages == 1 or self._given_up():
            return
        waiting = [url for raw in self._robots.sitemaps(self._home) if (url := urls.canonical(raw, self._home))]
        too_few = len(self._frontier) < self._request.max_pages - 1
        if not waiting and (too_few or not (self._frontier.waiting("contact") or self._frontier.waiting("imprint"))):
            waiting = [f"{urls.origin(self._home)}/sitemap.xml"]
        read: set[str] = set()
        while waiting and len(read) < self._limits.sitemaps:
            url = waiting.pop(0)
            if url in read:
                continue
            read.add(url)
            try:
                answer = await self._fetcher.get(url, self._check, self._limits.sitemap_bytes)
            except FetchError as error:
                if error.outcome in OF_THE_HOST and not error.is_missing:
                    return
                continue
            found, further = await _off_loop(len(answer.body), self._sitemap_entries, answer.body)
            inside = [page for raw in found if (page := urls.canonical(raw, url)) and urls.site_of(page) == self._site]
            if further:
                waiting.extend(sitemap.first_those_of_pages(inside))
                continue
            self._sitemap_used = self._sitemap_used or bool(inside)
            # Of a long list, those nearest to the root.
            for page in sorted(inside, key=lambda page: page.count("/"))[:_SITEMAP_PAGES]:
                self._frontier.add(page, 1)

    def _sitemap_entries(self, body: bytes) -> tuple[list[str], bool]:
        body = sitemap.unpacked(body, self._limits.sitemap_bytes)
        return sitemap.entries(body, self._limits.sitemap_urls, self._language)

    # Page after page

    async def _read_on(self) -> None:
        running: set[asyncio.Task[str | None]] = set()
        try:
            while True:
                while (
                    len(running) < self._pace.host_connections
                    and self._pages + len(running) < self._request.max_pages
                    and not self._given_up()
                    and not self._has_enough()
                    and (target := self._frontier.pop())
                ):
                    running.add(asyncio.create_task(self._visit(target, self._check)))
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
            elif self._fetcher.received >= self._limits.site_bytes:
                self._stopped = f"The site's pages are larger than {self._limits.site_bytes:,} bytes together."
            elif self._fruitless >= _FRUITLESS_IN_A_ROW or len(self._reports) >= 3 * self._request.max_pages + 10:
                self._stopped = "Too many of the site's links lead to no page."
        return self._stopped is not None

    def _has_enough(self) -> bool:
        if not self._ended_early and len(self._frontier) and may_stop_early(self._request):
            self._ended_early = is_enough(self._request, self._frontier, self._kinds_read, self._sightings)
        return self._ended_early

    async def _check(self, url: str, previous: str | None) -> None:
        if urls.site_of(url) != self._site:
            raise FetchError("left_site", f"It redirects to another site ({urls.host_of(url)}).")
        await self._robots.check(url)

    async def _visit(self, target: Target, check: Check, *, start: bool = False) -> str | None:
        """Read a page and take what is in it. Where a start page without content sends browsers on to."""
        visit = _Visit(target)
        try:
            answer = await self._get(target.url, check)
            if answer.url != target.url and self._frontier.seen(answer.url) and not start:
                raise FetchError("duplicate", "It redirects to a page already read.", status=answer.status)
        except FetchError as error:
            self._failed(visit, error)
            return None
        if start:
            self._site = urls.site_of(answer.url)
        page = await self._understood(answer, target)
        answer, document = page.answer, page.document
        if start:
            onward = urls.canonical(document.refresh, answer.url) if document.refresh else None
            if onward is not None and not document.text:
                # A redirect by other means.
                self._report(visit.report("redirect", answer, "It sends browsers on to another page."))
                return onward
        note = answer.note
        if document.is_script_shell:
            page, note = await self._rendered(page, check, note)
            answer, document = page.answer, page.document
        found = condition.of(document, with_facts=bool(page.facts), start=start)
        if found is not None:
            self._failed(visit, FetchError(found.outcome, found.reason, status=answer.status), answer)
            return None
        if start:
            self._home = answer.url
            self._language = document.lang[:2]
            self._frontier.started(answer.url, document.lang)
        self._follow(page, target.depth + 1, start)
        text = hash(_without_echo(document))
        if text in self._texts and document.text:
            reason = "It says the same as a page already read."
            self._failed(visit, FetchError("duplicate", reason, status=answer.status), answer)
            return None
        self._texts.add(text)
        self._failures = self._fruitless = 0
        self._pages += 1
        if page.kind is not None:
            self._kinds_read.add(page.kind)
        now = _now()
        self._sightings.extend(Sighting(fact, answer.url, now) for fact in page.facts)
        if page.text is not None:
            self.pages_read.append(page.text)
        self._report(visit.report("ok", answer, note, page.kind))
        return None

    async def _get(self, url: str, check: Check) -> Answer:
        try:
            return await self._fetcher.get(url, check, self._limits.page_bytes, pages_only=True)
        except FetchError as error:
            wait = error.retry_after
            if error.status not in (429, 503) or wait is None or wait > self._limits.max_retry_after:
                raise
            # Once more, when the gate lets us.
            return await self._fetcher.get(url, check, self._limits.page_bytes, pages_only=True)

    async def _understood(self, answer: Answer, target: Target) -> _Page:
        return await _off_loop(len(answer.body), self._parse, answer, target.kind)

    def _parse(self, answer: Answer, kind: str | None) -> _Page:
        document = read(answer.body, answer.url, answer.content_type)
        kind = page_kind_of(document, kind)
        facts = extract.facts(
            document,
            site=self._site,
            kind=kind,
            country=self._request.country,
            with_team=self._request.extract_team,
            with_company=self._request.extract_company_info,
        )
        return _Page(answer, document, facts, kind, self._text_of(document, kind))

    def _text_of(self, document: Document, kind: str | None) -> compendium.Page | None:
        if not self._request.reads_text:
            return None
        options = self._request.compendium
        level, most = (options.cleanup_level, options.max_chars) if options.enabled else ("minimal", SITE_CHARS)
        base = base_of(document, self._site)
        return compendium.read_page(document.html, document.url, base=base, kind=kind, level=level, max_chars=most)

    async def _rendered(self, page: _Page, check: Check, note: str | None) -> tuple[_Page, str | None]:
        """The page as its scripts leave it, if they can be run; else as it came. And what to say about that."""
        if self._browser is None:
            why = "no browser is there to run it" if self._request.enable_spa else "running it is switched off"
            return page, f"The page is put together by JavaScript and was read without: {why}."
        answer = page.answer
        try:
            shown = await self._browser.render(answer.url, self._request.spa_timeout, answer=answer, check=check)
        except FetchError as error:
            return page, f"The page is put together by JavaScript, which failed, so it was read without: {error.reason}"
        body = shown.html.encode("utf-8", "replace")[: self._limits.page_bytes]
        answer = replace(answer, url=shown.final_url, body=body, content_type="text/html; charset=utf-8")
        return await _off_loop(len(body), self._parse, answer, page.kind), note

    def _follow(self, page: _Page, depth: int, start: bool) -> None:
        document, url = page.document, page.answer.url
        if start and len(document.text) < _MORE_THAN_A_CHOICE:
            self._frontier.seen(url)
        else:
            base = base_of(document, self._site)
            alternates = ((language, urls.join(href, base)) for language, href in document.alternates)
            self._frontier.read(url, [(language, one) for language, one in alternates if one is not None])
        if "?" in url and document.canonical:
            # Only what is left out of its own address: others' claims about which page is which are often wrong.
            same = urls.canonical(document.canonical, url)
            if same is not None and same.partition("?")[0] == url.partition("?")[0]:
                self._frontier.seen(same)
        if "nofollow" in directives(document, page.answer.robots_tag, self._agent):
            return
        for link, text in self._links.of(document, self._site):
            self._frontier.add(link, depth, text)
        if document.refresh:
            for link in self._links.inside([document.refresh], document, self._site):
                self._frontier.add(link, depth)

    # What to say about it

    async def _compendium(self) -> compendium.Compendium | None:
        options = self._request.compendium
        if not options.enabled or not self.pages_read:
            return None
        return await _off_loop(
            options.max_chars,
            compendium.compose,
            self.pages_read,
            max_chars=options.max_chars,
            separator=options.separator,
            remove_duplicates=options.remove_duplicates,
            priority_sections=options.priority_sections,
        )

    def _failed(self, visit: _Visit, error: FetchError, answer: Answer | None = None) -> None:
        if error.outcome in OF_THE_HOST and not error.is_missing:
            self._failures += 1
        elif error.outcome != "robots":
            self._failures = 0
        self._fruitless += error.outcome != "robots"
        wait = error.retry_after
        if wait is not None and wait > self._limits.max_retry_after:
            self._retry_after = max(wait, self._retry_after or 0.0)
            self._stopped = f"The site asks to be left alone for {wait:.0f} s."
        self._report(visit.report(error.outcome, answer, error.reason, status=error.status))

    def _report(self, report: PageReport) -> None:
        self._reports.append(report)
        if self._on_page is not None:
            self._on_page(report)

    def _status(self) -> str:
        if not self._pages:
            return "failed"
        return "partial" if self._stopped or self._troubles() > self._pages else "success"

    def _troubles(self) -> int:
        return sum(report.outcome in OF_THE_HOST and report.status not in (404, 410) for report in self._reports)

    def _error(self) -> str | None:
        if not self._pages and self._reports and self._retry_after is None:
            return self._stopped or self._reports[-1].reason
        if self._stopped:
            return self._stopped
        return "Most of its pages could not be read." if self._pages and self._troubles() > self._pages else None


class _Visit:
    """An address being tried."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._started = time.monotonic()

    def report(
        self,
        outcome: str,
        answer: Answer | None,
        reason: str | None,
        kind: str | None = None,
        *,
        status: int | None = None,
    ) -> PageReport:
        final = answer.url if answer is not None and answer.url != self._target.url else None
        return PageReport(
            url=self._target.url,
            status=answer.status if answer is not None else status,
            outcome=outcome,
            ms=round((time.monotonic() - self._started) * 1000),
            reason=reason,
            kind=kind or self._target.kind,
            final_url=final,
            source=answer.source if answer is not None else "fetched",
        )


def _next_door(start: str, outcomes: list[str], scheme_given: bool) -> str | None:
    """Where to try next, after the doors before ended with ``outcomes``. A name that isn't there may be with or without
    ``www``; a host that doesn't answer, or not securely, may by the other scheme. But nobody who wrote https is sent to
    http, and a fault of the secure connection leads there only who wrote neither."""
    parts = urlsplit(start)
    if not outcomes:
        return start
    if parts.port is not None or urls.is_address(parts.hostname or ""):
        return None
    host = parts.netloc.removeprefix("www.") if parts.netloc.startswith("www.") else f"www.{parts.netloc}"
    doors = [start]
    if outcomes[0] != "name_not_found":
        if parts.scheme == "http":
            doors.append(urlunsplit(parts._replace(scheme="https")))
        elif not scheme_given:
            doors.append(urlunsplit(parts._replace(scheme="http")))
    doors.append(urlunsplit(parts._replace(scheme="https", netloc=host)))
    if parts.scheme == "http" or not scheme_given:
        doors.append(urlunsplit(parts._replace(scheme="http", netloc=host)))
    return doors[len(outcomes)] if len(outcomes) < len(doors) else None


async def _off_loop(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``work`` done, in a thread when it is about much: the loop must stay alive meanwhile."""
    if size > _LARGE_PAGE:
        return await asyncio.to_thread(work, *args, **kwargs)
    return work(*args, **kwargs)


def _without_echo(document: Document) -> str:
    """The text, less the address that "not found" pages repeat."""
    path, text = urls.path_of(document.url), document.text
    return text.replace(path, "") if len(text) > 2 * len(path) > 2 and path in text else text


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
