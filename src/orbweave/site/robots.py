"""robots.txt as RFC 9309 has it: one for each origin, read once; 4xx allows all, 5xx and silence mean not now."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

from protego import Protego

from orbweave.site import urls
from orbweave.site.document import Document
from orbweave.site.failures import UNREACHABLE, FetchError
from orbweave.site.fetch import Fetcher
from orbweave.site.limits import Limits

# Redirects without end stand for a missing file (RFC 9309, 2.3.1.2).
_NOWHERE = {"redirect_loop", "too_many_redirects", "bad_redirect"}
_LARGE = 32 * 1024
_ROBOT = re.compile(r"\s*user[- ]?agent\b\s*:?([^#]*)", re.IGNORECASE)


class Robots:
    """``check`` asks for the rules where they aren't known yet."""

    def __init__(self, fetcher: Fetcher, limits: Limits, user_agent: str) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self._agent = user_agent.partition("/")[0].strip() or "*"
        self._rules: dict[str, Protego | FetchError] = {}
        self._reading: dict[str, asyncio.Lock] = {}

    async def check(self, url: str) -> None:
        """Raises FetchError (``robots``, ``robots_unavailable``, or why the host can't be reached)."""
        rules = await self._of(urls.origin(url))
        if isinstance(rules, FetchError):
            raise rules
        if not rules.can_fetch(url, self._agent):
            raise FetchError("robots", "robots.txt does not allow it.")

    def crawl_delay(self, url: str) -> float:
        """Seconds asked for by the rules read for the origin of ``url``; 0 when nothing is."""
        rules = self._rules.get(urls.origin(url))
        asked = rules.crawl_delay(self._agent) if isinstance(rules, Protego) else None
        return float(asked) if asked is not None and asked > 0 else 0.0

    def sitemaps(self, url: str) -> list[str]:
        rules = self._rules.get(urls.origin(url))
        return list(rules.sitemaps)[:20] if isinstance(rules, Protego) else []

    async def _of(self, origin: str) -> Protego | FetchError:
        if (known := self._rules.get(origin)) is not None:
            return known
        async with self._reading.setdefault(origin, asyncio.Lock()):
            if origin in self._rules:
                return self._rules[origin]
            rules = await self._read(origin)
            if not isinstance(rules, FetchError) or rules.retry_after is None:  # else it may be asked again soon
                self._rules[origin] = rules
            return rules

    async def _read(self, origin: str) -> Protego | FetchError:
        try:
            answer = await self._fetcher.get(f"{origin}/robots.txt", _anywhere, self._limits.robots_bytes)
        except FetchError as error:
            if error.outcome in UNREACHABLE:
                return error
            missing = error.status is not None and 400 <= error.status < 500 and error.status != 429
            if missing or error.outcome in _NOWHERE:
                return parse("", self._agent)
            reason = f"robots.txt could not be read, so the site is left alone for now: {error.reason}"
            return FetchError("robots_unavailable", reason, status=error.status, retry_after=error.retry_after)
        text = answer.body.decode("utf-8-sig", "replace")
        # A large one takes a while, and the loop must stay alive meanwhile.
        rules = parse(text, self._agent) if len(text) < _LARGE else await asyncio.to_thread(parse, text, self._agent)
        # The rules of where it was redirected to are thereby known too.
        final = urls.origin(answer.url)
        if final != origin and urlsplit(answer.url).path == "/robots.txt":
            self._rules.setdefault(final, rules)
        return rules


def parse(text: str, agent: str) -> Protego:
    """The rules that ``text`` has for ``agent``, in time that grows as its length does."""
    if len(text) < _LARGE:
        return Protego.parse(text)
    # Every rule would be kept once for each robot its group names: those we are not become one.
    wanted = agent.lower()
    lines = text.splitlines()
    for index, line in enumerate(lines):
        named = _ROBOT.match(line)
        if named is not None and named[1].strip() != "*" and wanted not in named[1].lower():
            lines[index] = "User-agent: another"
    return Protego.parse("\n".join(lines))


def directives(document: Document, header: str, agent: str) -> frozenset[str]:
    """What the page's robots tags and its X-Robots-Tag ``header`` ask of ``agent``: nofollow, noindex, …"""
    found: set[str] = set()
    for name in ("robots", agent):
        if asked := document.metas.get(name):
            found.update(word.strip().lower() for word in asked.split(","))
    meant = True
    for part in header.lower().split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip() != "unavailable_after":
            meant, part = name.strip() == agent, rest
        if meant:
            found.add(part.strip())
    return frozenset(found | ({"nofollow", "noindex"} if "none" in found else set()))


async def _anywhere(url: str, previous: str | None) -> None:
    return None
