"""One site: fetch, read, follow, stop. The only module here that does I/O over time."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING

import aiohttp

from orbweave.net import Network
from orbweave.net.gate import Gate, LocalGate
from orbweave.site import compendium, condition, sitemap, urls, variants
from orbweave.site.document import Document
from orbweave.site.doors import next_door
from orbweave.site.enough import is_enough, may_stop_early
from orbweave.site.extract.socials import is_social, profile_of
from orbweave.site.facts import Fact
from orbweave.site.failures import OF_THE_HOST, FetchError
from orbweave.site.fetch import Answer, Check, Fetcher
from orbweave.site.frontier import Frontier, Target
from orbweave.site.kinds import page_kind
from orbweave.site.ledger import Ledger, OnPage, Visit
from orbweave.site.limits import Limits, Pace
from orbweave.site.links import Links, base_of
from orbweave.site.llm import SITE_CHARS, Insights, Model, insights, no_model
from orbweave.site.pages import PageStore
from orbweave.site.reading import Page, Reader, off_loop
from orbweave.site.request import CrawlRequest
from orbweave.site.result import PageReport, Sighting, SiteResult
from orbweave.site.robots import Robots

if TYPE_CHECKING:
    from orbweave.config import Settings
    from orbweave.site.render import Browser

# A start page with less to read may only ask for the reader's language.
_MORE_THAN_A_CHOICE = 300
_SITEMAP_PAGES = 1_000
# A page is read by way of thousands of objects and leaves none in circles. To look for those after every few hundred,
# as Python does, takes a twentieth of the time.
_MANY_OBJECTS = 20_000


class Crawler:
    """Crawls sites, as many at a time as are asked for. One for each process: ``gate`` is what keeps its crawls from
    adding up on a host. With ``pages``, what was fetched lately is not fetched again; with ``browser``, pages that only
    scripts can build are rendered; with ``model``, what only a language model can answer is answered. As a context
    manager it closes the browser at the end, and has Python collect garbage less often until then."""

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
        from orbweave.site.render import Browser

        limits = Limits(never=frozenset(map(str.lower, settings.never_hosts)))
        pace = Pace(settings.host_delay, settings.host_connections)
        gate = gate or LocalGate()
        browser = None
        if settings.browser_pages and (settings.browser_path or Browser.find()):
            browser = Browser.of(network, settings, limits=limits, pace=pace, gate=gate)
        model = Model.of(settings, network)
        return cls(network, limits, pace, gate=gate, pages=pages, browser=browser, model=model)

    async def __aenter__(self) -> Crawler:
        self._thresholds = gc.get_threshold()
        gc.set_threshold(_MANY_OBJECTS, *self._thresholds[1:])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        gc.set_threshold(*self._thresholds)
        if self.browser is not None:
            await self.browser.close()

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


class _Crawl:
    def __init__(
        self, crawler: Crawler, request: CrawlRequest, session: aiohttp.ClientSession, on_page: OnPage | None
    ) -> None:
        self._request = request
        self._limits = limits = crawler.limits
        self._pace = crawler.pace
        agent = crawler.network.settings.user_agent.partition("/")[0].strip().lower()
        self._fetcher = Fetcher(session, limits, crawler.gate, crawler.pace, request.timeout, crawler.pages)
        self._robots = Robots(self._fetcher, limits, agent)
        self._frontier = Frontier(request.crawl_strategy, request.target_pages)
        self._links = Links(limits.links_per_page)
        self._reader = Reader(request, limits, crawler.browser, agent)
        self._ledger = Ledger(limits, request.max_pages, on_page)
        self._sightings: list[Sighting] = []
        self._texts: set[int] = set()
        self.pages_read: list[compendium.Page] = []
        self._kinds_read: set[str] = set()
        self._first_site = self._site = self._home = self._title = ""
        self._moved_to: str | None = None
        self._language = ""
        self._sitemap_used = False
        self._ended_early = False

    async def run(self) -> SiteResult:
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._limits.site_seconds):
                if await self._enter():
                    await self._list_sitemap()
                    await self._read_on()
        except TimeoutError:
            self._ledger.stopped = f"The site took longer than {self._limits.site_seconds:g} s."
        return SiteResult(
            url=self._request.url,
            status=self._ledger.status,
            pages=tuple(self._ledger.reports),
            sightings=tuple(self._sightings),
            site=self._site,
            error=self._ledger.error,
            crawl_strategy=self._request.crawl_strategy,
            sitemap_used=self._sitemap_used,
            seconds=time.monotonic() - started,
            with_company=self._request.extract_company_info,
            with_team=self._request.extract_team,
            redirected_to=self._home if self._home and self._site != self._first_site else None,
            retry_after=self._ledger.retry_after,
            spa_enabled=self._reader.browser is not None,
            ended_early=self._ended_early,
            compendium=await self._reader.compendium(self.pages_read),
            compendium_options=self._request.compendium,
        )

    # The way in

    async def _enter(self) -> bool:
        """Read the start page, by another door when the given one doesn't exist."""
        start = urls.canonical(self._request.url)
        if start is None:
            reason = "This is not an http(s) address."
            self._ledger.report(PageReport(self._request.url, None, "bad_url", 0, reason))
            return False
        self._first_site = self._site = urls.site_of(start)
        tried: list[str] = []
        while (door := next_door(start, tried, self._request.scheme_given)) is not None:
            await self._start_at(door)
            tried.append(self._ledger.reports[-1].outcome)
        return self._ledger.pages > 0

    async def _start_at(self, url: str) -> None:
        """Read the page at ``url``, or the one that empty pages with a refresh lead to."""
        previous: str | None = None
        for _ in range(self._limits.redirects + 1):
            if self._frontier.seen(url) and previous is not None:
                self._ledger.report(PageReport(url, None, "redirect_loop", 0, "Its pages send browsers in a circle."))
                return
            onward = await self._visit(Target(url, 0, page_kind(url)), self._check_start_after(previous), start=True)
            if onward is None:
                return
            previous, url = url, onward
        reason = f"Its pages send browsers on more than {self._limits.redirects} times."
        self._ledger.report(PageReport(url, None, "too_many_redirects", 0, reason))

    def _check_start_after(self, page: str | None) -> Check:
        """The check of a start page that the start page ``page`` sent browsers to."""

        async def check(url: str, previous: str | None) -> None:
            previous = previous or page
            if previous is not None and urls.site_of(url) != urls.site_of(previous):
                self._check_move(url, previous)
            await self._robots.check(url)
            asked = min(self._robots.crawl_delay(url), self._pace.max_crawl_delay)
            self._fetcher.delay = max(self._pace.host_delay, asked)

        return check

    def _check_move(self, url: str, previous: str) -> None:
        """A business may have moved to another domain, once; a platform's profile of it is not its site."""
        if is_social(url):
            if profile := profile_of(url):
                fact = Fact("social", profile[1], "redirect", "", {"platform": profile[0]})
                self._sightings.append(Sighting(fact, previous, _now()))
            reason = f"It redirects to a profile on {urls.host_of(url)}, which is not its own site."
            raise FetchError("left_site", reason)
        if condition.is_parking_host(url):
            raise FetchError("parked", f"It redirects to {urls.host_of(url)}, where domains are parked and sold.")
        site = urls.site_of(url)
        if site != self._first_site:
            if self._moved_to not in (None, site):
                raise FetchError("left_site", f"It redirects to another domain twice ({urls.host_of(url)}).")
            self._moved_to = site

    async def _list_sitemap(self) -> None:
        """Sitemaps that robots.txt names; the usual place is tried when the start page leads to too little, or to no
        page that would say how to reach the business."""
        if self._request.max_pages == 1 or self._must_stop():
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
            found, further = await off_loop(len(answer.body), self._sitemap_entries, answer.body)
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
                    and self._ledger.pages + len(running) < self._request.max_pages
                    and not self._must_stop()
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

    def _must_stop(self) -> bool:
        return self._ledger.must_stop(self._fetcher.received)

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
        visit = Visit(target)
        answer: Answer | None = None
        try:
            answer = await self._get(target.url, check)
            if not start and self._is_known(answer.url, target.url):
                raise FetchError("duplicate", "It redirects to a page already read.")
            if start:
                self._site = urls.site_of(answer.url)
            page = await self._reader.page(answer, self._site, target.kind)
            if start and (onward := _sends_on(page.document)):
                self._ledger.report(visit.report("redirect", "It sends browsers on to another page.", answer))
                return onward
            note = answer.note
            if page.document.is_script_shell:
                page, note = await self._reader.rendered(page, self._site, check)
                answer = page.answer
            if found := condition.of(page.document, with_facts=bool(page.facts), home=None if start else self._title):
                raise FetchError(found.outcome, found.reason)
            if start:
                self._home, self._title = answer.url, page.document.title
                self._language = variants.code(page.document.lang)
                self._frontier.started(answer.url, page.document.lang)
            self._follow(page, target.depth + 1, start)
            if start and urls.path_of(target.url) != "/":
                self._frontier.add(f"{urls.origin(answer.url)}/", 0)
            if self._says_nothing_new(page.document):
                raise FetchError("duplicate", "It says the same as a page already read.")
        except FetchError as error:
            self._ledger.failed(visit, error, answer)
            return None
        await self._fetcher.keep(answer)
        self._take(page)
        self._ledger.read(visit, answer, note, page.kind)
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

    def _is_known(self, url: str, asked: str) -> bool:
        """Was ``url``, where ``asked`` redirects to, read before?"""
        return variants.identity(url) != variants.identity(asked) and not self._frontier.take(url)

    def _says_nothing_new(self, document: Document) -> bool:
        path, text = urls.path_of(document.url), document.text
        if len(text) > 2 * len(path) > 2:
            text = text.replace(path, "")  # "not found" pages repeat what was asked for
        known = bool(text) and hash(text) in self._texts
        self._texts.add(hash(text))
        return known

    def _take(self, page: Page) -> None:
        if page.kind is not None:
            self._kinds_read.add(page.kind)
        now = _now()
        self._sightings.extend(Sighting(fact, page.answer.url, now) for fact in page.facts)
        if page.text is not None:
            self.pages_read.append(page.text)

    def _follow(self, page: Page, depth: int, start: bool) -> None:
        document, url = page.document, page.answer.url
        if start and len(document.text) < _MORE_THAN_A_CHOICE:
            self._frontier.seen(url)
        else:
            base = base_of(document, self._site)
            alternates = ((language, urls.join(href, base)) for language, href in document.alternates)
            self._frontier.read(url, [(language, one) for language, one in alternates if one is not None])
        if "?" in url and document.canonical:
            # Only what is left out of its own address: claims about other pages are often wrong.
            same = urls.canonical(document.canonical, url)
            if same is not None and same.partition("?")[0] == url.partition("?")[0]:
                self._frontier.seen(same)
        if "nofollow" in page.directives:
            return
        for link in self._links.of(document, self._site, in_menus=start):
            self._frontier.add(link.url, depth, link.text, link.in_menu)
        if document.refresh:
            for onward in self._links.inside([document.refresh], document, self._site):
                self._frontier.add(onward, depth)


def _sends_on(document: Document) -> str | None:
    """Where an empty page sends browsers to: a redirect by other means."""
    return urls.canonical(document.refresh, document.url) if document.refresh and not document.text else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
