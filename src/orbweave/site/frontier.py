"""Which page is read next. Pure."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from orbweave.site import urls
from orbweave.site.kinds import fold, page_kind

MAX_WAITING = 20_000
_VARIANTS_OF_A_PATH = 3
_ENOUGH_OF_A_KIND = 2
_DEMOTION = 60

_VALUE = {
    "contact": 100, "imprint": 92, "team": 80, "about": 74, "locations": 60, "privacy": 25, "careers": 20, "terms": 12,
    "news": 16, "blog": 14,
}  # fmt: skip
# Wanted though nobody asks for them by name: where contact data must stand by law, and where it stands if nowhere else.
_ALWAYS = {"imprint", "locations", "privacy", "terms", "careers"}
_UNWANTED = 8
_PLAIN = 10


@dataclass(frozen=True, slots=True)
class Target:
    url: str
    depth: int
    kind: str | None


class Frontier:
    """Every address is handed out once. ``strategy`` bestfirst (contact-like pages first, several kinds before many of
    one), bfs or dfs; ``wanted`` page kinds, or words looked for in the address and the text of the link."""

    def __init__(self, strategy: str, wanted: Sequence[str]) -> None:
        self._strategy = strategy
        self._kinds = {kind for kind in wanted if kind in _VALUE} | _ALWAYS
        self._words = tuple(fold(word) for word in wanted if word not in _VALUE)
        self._waiting: list[tuple[tuple[int, int], Target]] = []
        self._known: set[str] = set()
        self._variants: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self._order = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def seen(self, url: str) -> bool:
        """Remember ``url``; was it known before?"""
        key = _identity(url)
        known = key in self._known
        self._known.add(key)
        return known

    def add(self, url: str, depth: int, anchor: str = "") -> None:
        """Queue a canonical address unless it is known, a trap or one variant of a page too many."""
        if len(self._waiting) >= MAX_WAITING or not urls.is_worth_reading(url):
            return
        path = url.partition("?")[0]
        if "?" in url and self._variants[path] >= _VARIANTS_OF_A_PATH:
            return
        if self.seen(url):
            return
        self._variants[path] += 1
        target = Target(url, depth, page_kind(url, anchor))
        self._push(target, self._score(target, anchor))

    def pop(self) -> Target | None:
        while self._waiting:
            (score, _), target = heapq.heappop(self._waiting)
            kind = target.kind
            if (
                self._strategy == "bestfirst"
                and kind is not None
                and -score > _PLAIN
                and self._taken[kind] >= _ENOUGH_OF_A_KIND
            ):
                # Another of the same goes behind the other kinds, but stays before pages of no kind.
                self._taken[kind] -= 1
                self._push(target, max(-score - _DEMOTION, _PLAIN))
                self._taken[kind] += 1
                if self._is_next(target):
                    heapq.heappop(self._waiting)
                else:
                    continue
            if kind is not None:
                self._taken[kind] += 1
            return target
        return None

    def _is_next(self, target: Target) -> bool:
        return self._waiting[0][1] is target

    def _push(self, target: Target, score: int) -> None:
        self._order += 1
        rank = {"bestfirst": -score, "bfs": target.depth, "dfs": -target.depth}[self._strategy]
        heapq.heappush(self._waiting, ((rank, self._order), target))

    def _score(self, target: Target, anchor: str) -> int:
        parts = urlsplit(target.url)
        score = _PLAIN if target.kind is None else _VALUE[target.kind] if target.kind in self._kinds else _UNWANTED
        if self._words and any(word in fold(f"{parts.path} {anchor}") for word in self._words):
            score = max(score, 70)
        return score - 2 * min(target.depth, 5) - min(parts.path.count("/"), 6) - (4 if parts.query else 0)


def _identity(url: str) -> str:
    # http or https, www or not, final slash or not: one page.
    return url.partition("://")[2].removeprefix("www.").rstrip("/")
