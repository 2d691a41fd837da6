"""robots.txt as RFC 9309 has it: one for each origin, read once; 4xx allows all, 5xx and silence mean not now."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from protego import Protego

from orbweave.site import urls
from orbweave.site.fetch import Fetcher, FetchError
from orbweave.site.limits import Limits

# Why the origin itself can't be crawled, as opposed to its robots.txt being broken.
_UNREACHABLE = {
    "refused_address", "name_not_found", "name_unavailable", "connection", "tls", "refused_port", "no_contact",
}  # fmt: skip

# Redirects without end stand for a missing file (RFC 9309, 2.3.1.2).
_NOWHERE = {"redirect_loop", "too_many_redirects", "bad_redirect"}


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
        return float(rules.crawl_delay(self._agent) or 0) if isinstance(rules, Protego) else 0.0

    def sitemaps(self, url: str) -> list[str]:
        rules = self._rules.get(urls.origin(url))
        return list(rules.sitemaps)[:20] if isinstance(rules, Protego) else []

    async def _of(self, origin: str) -> Protego | FetchError:
        async with self._reading.setdefault(origin, asyncio.Lock()):
            if origin not in self._rules:
                self._rules[origin] = await self._read(origin)
            return self._rules[origin]

    async def _read(self, origin: str) -> Protego | FetchError:
        try:
            answer = await self._fetcher.get(f"{origin}/robots.txt", _anywhere, self._limits.robots_bytes)
        except FetchError as error:
            if error.outcome in _UNREACHABLE:
                return error
            missing = error.status is not None and 400 <= error.status < 500 and error.status != 429
            if missing or error.outcome in _NOWHERE:
                return Protego.parse("")
            reason = f"robots.txt could not be read, so the site is left alone for now: {error.reason}"
            return FetchError("robots_unavailable", reason, status=error.status)
        rules = Protego.parse(answer.body.decode("utf-8", "replace"))
        # The rules of where it was redirected to are thereby known too.
        final = urls.origin(answer.url)
        if final != origin and urlsplit(answer.url).path == "/robots.txt":
            self._rules.setdefault(final, rules)
        return rules


async def _anywhere(url: str, previous: str | None) -> None:
    return None
