"""Pages that are no page of a business: checks for robots, cookie walls, parked domains, servers without a site, and
"not found" pages that claim to be found. Pure.

The words live in ``data/conditions.json``, lower case. Real pages talk about cookies, domains and robots too, so a page
is looked at closely only when there is little to read on it."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

import orjson

from orbweave.site import urls
from orbweave.site.document import Document

_CHECKED = 64 * 1024
_LITTLE = 2_500
_VERY_LITTLE = 1_200
_FEW_LINKS = 12
_SOME_LINKS = 36
_HEADING = 160


class Condition(NamedTuple):
    """``outcome`` blocked, parked, unused or soft_404; ``reason`` a sentence."""

    outcome: str
    reason: str


_MISSING = Condition("soft_404", 'It says "not found" although it was answered as found.')


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(resources.files("orbweave.site").joinpath("data/conditions.json").read_bytes())
    return found


def of(document: Document, *, with_facts: bool, home: str | None) -> Condition | None:
    """What is the matter with a page that was answered with 200; None for ordinary ones. ``with_facts``: was something
    found on it that a business says about itself? ``home`` the title of the page the crawl began with; None for that
    page itself."""
    words = _words()
    title = document.title.lower()
    if home is not None:
        # What the home page's title says too is a name.
        said = [word for word in words["missing"] if word in title and word not in home.lower()]
        if said or (not with_facts and "404" in title.split()):
            return _MISSING
    if len(document.text) > _LITTLE or len(document.links) > _SOME_LINKS:
        return None
    html = document.html[:_CHECKED].lower()
    text = f"{title}\n{document.text.lower()}\n{document.noscript_text[:_LITTLE].lower()}"
    if home is None and (_any(words["parking_marks"], html) or _any(words["parked"], text)):
        return Condition("parked", "The domain is parked or for sale: it is no business's website.")
    if with_facts:
        return None
    beginning = f"{title}\n{document.text[:_HEADING].lower()}"
    if home is None and _any(words["unused"], beginning):
        return Condition("unused", "The server shows its default page: there is no website.")
    if home is not None and _any(words["missing"], beginning):
        return _MISSING
    if len(document.text) > _VERY_LITTLE or len(document.links) > _FEW_LINKS:
        return None
    if (by := _check_by(html)) is not None:
        return _blocked_by(by)
    if _any(words["check"], text):
        return Condition("blocked", "It shows a check for robots instead of the page.")
    if _any(words["cookie_wall"], text):
        return Condition("blocked", "It shows nothing but a question about cookies.")
    return None


def of_error(html: str) -> Condition | None:
    """Why the server answered with an error, when that was to check its visitor."""
    html = html[:_CHECKED].lower()
    by = _check_by(html)
    if by is not None:
        return _blocked_by(by)
    return Condition("blocked", "It asks to prove that no robot asks.") if _any(_words()["check"], html) else None


def is_parking_host(url: str) -> bool:
    """Does ``url`` belong to somebody who sells or parks domains?"""
    return urls.site_of(url) in _parking_hosts()


@lru_cache(maxsize=1)
def _parking_hosts() -> frozenset[str]:
    return frozenset(_words()["parking_hosts"])


def _check_by(html: str) -> str | None:
    return next((name for name, marks in _words()["checks"].items() if _any(marks, html)), None)


def _blocked_by(name: str) -> Condition:
    return Condition("blocked", f"It shows a check for robots ({name}) instead of the page.")


def _any(words: list[str], text: str) -> bool:
    return any(word in text for word in words)
