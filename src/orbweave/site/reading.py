"""From an answer to what is in it; pages that only scripts can build are rendered first, if they can be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar

from orbweave.site import compendium, extract, urls
from orbweave.site.document import Document, read
from orbweave.site.facts import Fact
from orbweave.site.failures import FetchError
from orbweave.site.fetch import Answer, Check
from orbweave.site.kinds import page_kind_of
from orbweave.site.limits import Limits
from orbweave.site.links import base_of
from orbweave.site.llm import SITE_CHARS
from orbweave.site.request import CrawlRequest
from orbweave.site.robots import directives

if TYPE_CHECKING:
    from orbweave.site.render import Browser

_LARGE = 256 * 1024

P = ParamSpec("P")
T = TypeVar("T")


class Page(NamedTuple):
    """``text`` for the compendium, if there is to be one and the page doesn't ask to be in no index; ``directives`` of
    its robots tags."""

    answer: Answer
    document: Document
    facts: list[Fact]
    kind: str | None
    directives: frozenset[str]
    text: compendium.Page | None


class Reader:
    """``agent`` the name that robots tags may address us by."""

    def __init__(self, request: CrawlRequest, limits: Limits, browser: Browser | None, agent: str) -> None:
        self._request = request
        self._limits = limits
        self.browser = browser if request.enable_spa else None
        self._agent = agent
        self._logo_known_by: str | None = None

    async def page(self, answer: Answer, site: str, kind: str | None) -> Page:
        """``kind`` as the link to it says; ``site`` the registrable domain crawled."""
        return await off_loop(len(answer.body), self._read, answer, site, kind)

    async def rendered(self, page: Page, site: str, check: Check) -> tuple[Page, str | None]:
        """The page as its scripts leave it, if they can be run; else as it came. And what to say about that."""
        if self.browser is None:
            why = "no browser is there to run it" if self._request.enable_spa else "running it is switched off"
            return page, f"The page is put together by JavaScript and was read without: {why}."
        answer = page.answer
        try:
            shown = await self.browser.render(answer.url, self._request.spa_timeout, answer=answer, check=check)
        except FetchError as error:
            return page, f"The page is put together by JavaScript, which failed, so it was read without: {error.reason}"
        body = shown.html.encode("utf-8", "replace")[: self._limits.page_bytes]
        url = urls.canonical(shown.final_url) or answer.url
        answer = replace(answer, url=url, body=body, content_type="text/html; charset=utf-8")
        return await self.page(answer, site, page.kind), answer.note

    def _read(self, answer: Answer, site: str, kind: str | None) -> Page:
        request = self._request
        document = read(answer.body, answer.url, answer.content_type)
        kind = page_kind_of(document, kind)
        facts = extract.facts(
            document,
            site=site,
            kind=kind,
            country=request.country,
            with_team=request.extract_team,
            with_company=request.extract_company_info,
            logo_known_by=self._logo_known_by,
        )
        self._logo_known_by = next((fact.method for fact in facts if fact.kind == "logo"), self._logo_known_by)
        asked = directives(document, answer.robots_tag, self._agent)
        text = self._text(document, site, kind) if request.reads_text and "noindex" not in asked else None
        return Page(answer, document, facts, kind, asked, text)

    def _text(self, document: Document, site: str, kind: str | None) -> compendium.Page:
        options = self._request.compendium
        level, most = (options.cleanup_level, options.max_chars) if options.enabled else ("minimal", SITE_CHARS)
        base = base_of(document, site)
        return compendium.read_page(document.html, document.url, base=base, kind=kind, level=level, max_chars=most)

    async def compendium(self, pages: Sequence[compendium.Page]) -> compendium.Compendium | None:
        options = self._request.compendium
        if not options.enabled or not pages:
            return None
        return await off_loop(
            options.max_chars,
            compendium.compose,
            pages,
            max_chars=options.max_chars,
            separator=options.separator,
            remove_duplicates=options.remove_duplicates,
            priority_sections=options.priority_sections,
        )


async def off_loop(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``work`` done, in a thread when it is about much: the loop must stay alive meanwhile."""
    if size > _LARGE:
        return await asyncio.to_thread(work, *args, **kwargs)
    return work(*args, **kwargs)
