"""Which page is read next. Pure."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from orbweave.site import urls, variants
from orbweave.site.kinds import fold, page_kind

MAX_WAITING = 20_000
_ENOUGH_OF_A_KIND = 2
_DEMOTION = 60
_FOREIGN = 50
_OTHER_HOST = 4
_IN_MENU = 3

_VALUE = {
    "contact": 100, "imprint": 92, "team": 80, "about": 74, "locations": 60, "privacy": 25, "careers": 20, "terms": 12,
    "news": 16, "blog": 14,
}  # fmt: skip
# Wanted though nobody asks for them by name: where contact data must stand by law, and where it stands if nowhere else.
_ALWAYS = {"imprint", "locations", "privacy", "terms", "careers"}
_UNWANTED = 8
_PLAIN = 10
_OWN_WORD = 70


@dataclass(frozen=True, slots=True)
class Target:
    url: str
    depth: int
    kind: str | None


@dataclass(slots=True)
class _Page:
    """An address and its variants in other languages. ``target`` while it waits."""

    language: str
    target: Target | None = None


class Frontier:
    """Every page is handed out once. ``strategy`` bestfirst (contact-like pages first, several kinds before many of
    one), bfs or dfs; ``wanted`` page kinds, or words looked for in the address and the text of the link.

    Of one page in several languages (told by a folder, host name or parameter that is a language code, or by
    ``alternates``) only one is handed out, in the language of the start page if there is such a one."""

    def __init__(self, strategy: str, wanted: Sequence[str]) -> None:
        self._strategy = strategy
        self._kinds = {kind for kind in wanted if kind in _VALUE} | _ALWAYS
        self._words = tuple(fold(word) for word in wanted if word not in _VALUE)
        self._heap: list[tuple[tuple[int, int], Target]] = []
        self._pages: dict[str, _Page] = {}
        self._known: set[str] = set()
        self._shapes: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self._demoted: set[str] = set()
        self._waiting: Counter[str | None] = Counter()
        self._languages: tuple[str, ...] = ()
        self._host = ""
        self._order = 0

    def __len__(self) -> int:
        return self._waiting.total()

    def waiting(self, kind: str | None) -> int:
        """How many addresses of ``kind`` have not been handed out."""
        return self._waiting[kind]

    def waiting_for_words(self) -> bool:
        """Is one of the caller's own words in an address that waits?"""
        return any(self._has_word(target.url, "") for _, target in self._heap if self._is_waiting(target))

    def started(self, url: str, language: str) -> None:
        """The start page is at ``url``, in ``language``: other languages come after it."""
        name = variants.identity(url)
        self._host = name.partition("/")[0]
        marked = variants.language(name)[1]
        self._languages = tuple(dict.fromkeys(filter(None, (marked, variants.code(language)))))
        if marked == "":
            self._languages = ("", *self._languages)

    def seen(self, url: str) -> bool:
        """Remember ``url``; was it known before?"""
        name = variants.identity(url)
        known = name in self._known
        self._known.add(name)
        return known

    def take(self, url: str) -> bool:
        """A page at ``url`` is being read after all. False when it was handed out or read before."""
        name = variants.identity(url)
        if name not in self._known:
            self._known.add(name)
            return True
        page = self._pages.get(variants.language(name)[0])
        if page is None or page.target is None or variants.identity(page.target.url) != name:
            return False
        self._take(page)
        return True

    def read(self, url: str, alternates: Iterable[tuple[str, str]] = ()) -> None:
        """``url`` was read: neither it nor its ``alternates`` (language, address) need be read."""
        for one in (url, *(address for _, address in alternates)):
            name = variants.identity(one)
            self._known.add(name)
            plain, language = variants.language(name)
            page = self._pages.setdefault(plain, _Page(language))
            if page.target is not None and variants.identity(page.target.url) == name:
                self._take(page)

    def add(self, url: str, depth: int, anchor: str = "", in_menu: bool = False) -> None:
        """Queue a canonical address unless it is known, a trap or another variant of a known page. ``anchor`` the text
        of the link; ``in_menu`` whether it stands in the head or foot of its page."""
        name = variants.identity(url)
        if name in self._known:
            self._learn(name, anchor)
            return
        if len(self) >= MAX_WAITING or not urls.is_worth_reading(url):
            return
        kind = page_kind(url, anchor)
        if (made := variants.shape(name)) is not None:
            self._shapes[made[0]] += 1
            # A page that says what it is for is worth more than its shape.
            if self._shapes[made[0]] > made[1] and not (kind in self._kinds and self._shapes[made[0]] <= 2 * made[1]):
                return
        self._known.add(name)
        plain, language = variants.language(name)
        page = self._pages.get(plain)
        if page is None:
            page = self._pages[plain] = _Page(language)
        elif page.target is None or self._rank(language) >= self._rank(page.language):
            return
        else:
            self._take(page)
            page.language = language
        self._push(page, Target(url, depth, kind), self._score(url, depth, kind, anchor, language) + _IN_MENU * in_menu)

    def pop(self) -> Target | None:
        while self._heap:
            (rank, _), target = heapq.heappop(self._heap)
            if not self._is_waiting(target):
                continue
            page, kind = self._page_of(target), target.kind
            if (
                self._strategy == "bestfirst"
                and kind is not None
                and -rank > _PLAIN
                and self._taken[kind] >= _ENOUGH_OF_A_KIND
                and target.url not in self._demoted
            ):
                # Another of the same goes behind the other kinds, but stays before pages of no kind.
                self._demoted.add(target.url)
                self._take(page)
                self._push(page, target, max(-rank - _DEMOTION, _PLAIN))
                continue
            self._take(page)
            if kind is not None:
                self._taken[kind] += 1
            return target
        return None

    def _learn(self, name: str, anchor: str) -> None:
        """A second link may say what a page is for when the first one didn't."""
        page = self._pages.get(variants.language(name)[0]) if anchor else None
        if page is None or (target := page.target) is None or target.kind is not None:
            return
        if variants.identity(target.url) == name and (kind := page_kind(target.url, anchor)):
            self._take(page)
            score = self._score(target.url, target.depth, kind, anchor, page.language)
            self._push(page, Target(target.url, target.depth, kind), score)

    def _page_of(self, target: Target) -> _Page:
        return self._pages[variants.language(variants.identity(target.url))[0]]

    def _is_waiting(self, target: Target) -> bool:
        return self._page_of(target).target is target

    def _take(self, page: _Page) -> None:
        if page.target is not None:
            self._waiting[page.target.kind] -= 1
            page.target = None

    def _push(self, page: _Page, target: Target, score: int) -> None:
        self._order += 1
        self._waiting[target.kind] += 1
        page.target = target
        rank = {"bestfirst": -score, "bfs": target.depth, "dfs": -target.depth}[self._strategy]
        heapq.heappush(self._heap, ((rank, self._order), target))

    def _rank(self, language: str) -> int:
        return self._languages.index(language) if language in self._languages else len(self._languages)

    def _has_word(self, url: str, anchor: str) -> bool:
        if not self._words:
            return False
        text = fold(f"{unquote(urls.path_of(url))} {anchor}")
        return any(word in text for word in self._words)

    def _score(self, url: str, depth: int, kind: str | None, anchor: str, language: str) -> int:
        score = _PLAIN if kind is None else _VALUE[kind] if kind in self._kinds else _UNWANTED
        if self._has_word(url, anchor):
            score = max(score, _OWN_WORD)
        if language and self._languages and language not in self._languages:
            score -= _FOREIGN
        if self._host and variants.identity(url).partition("/")[0] != self._host:
            score -= _OTHER_HOST
        path = urls.path_of(url)
        return score - 2 * min(depth, 5) - min(path.count("/"), 6) - (4 if "?" in url else 0)
