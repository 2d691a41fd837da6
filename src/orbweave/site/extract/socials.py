"""Profiles on the fourteen platforms of the contract: the business's own, not share buttons, posts, those of people and
partners named on the page, or of the site's builder.

``data/socials.json``: platform -> hosts; profiles, pairs of a pattern (matched from the path on, host before it) and
the canonical URL; refused, beginnings of paths that look like a profile and are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import islice
from urllib.parse import unquote, urlsplit

import orjson

from orbweave.site.document import Document
from orbweave.site.extract.email_address import places
from orbweave.site.extract.ownership import is_akin, third_party
from orbweave.site.extract.structured import is_person
from orbweave.site.facts import MAX_CONTEXT, Fact, around

PLATFORMS = (
    "linkedin", "twitter", "facebook", "instagram", "youtube", "github", "tiktok", "pinterest", "medium", "discord",
    "whatsapp", "telegram", "snapchat", "reddit",
)  # fmt: skip
MAX_PER_PAGE = 60
_MAX_CANDIDATES = 400
# Pages that tell of others: a profile in the middle of them is rarely the site's.
_ABOUT_OTHERS = ("blog", "news")
_PEOPLE = ("/in/", "/pub/")
_ELSEWHERE = ("http", "//", "whatsapp:")
# Flyers made into pages name them without a link.
_WRITTEN_OUT = ("facebook.com/", "instagram.com/")
_HANDLE = re.compile(r"[^/@?=]+\Z")
_SENT_ON = re.compile(
    r"\?(?:[^#]{0,300}&)?(?:(?:q|u|url|to|z|target|dest|link|goto)=)?(https?(?:%3A|:)[^&#]{5,300})", re.IGNORECASE
)
_SENDS_ON = re.compile(
    r"(?:https?:)?//(?:lm?\.(?:facebook|instagram)\.com|(?:www\.)?youtube\.com/redirect|(?:www\.)?linkedin\.com/redir|"
    r"out\.reddit\.com)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Platform:
    name: str
    profiles: tuple[tuple[re.Pattern[str], str], ...]
    refused: frozenset[str]


@lru_cache(maxsize=1)
def _platforms() -> dict[str, _Platform]:
    data = orjson.loads(resources.files("orbweave.site").joinpath("data/socials.json").read_bytes())
    return {
        host: _Platform(
            name,
            tuple((re.compile(pattern, re.IGNORECASE), url) for pattern, url in rules["profiles"]),
            frozenset(rules["refused"]),
        )
        for name, rules in data.items()
        for host in rules["hosts"]
    }


@dataclass(slots=True)
class _Profile:
    """``weight``: how much speaks for its being the business's own; below zero it isn't."""

    platform: str
    url: str
    method: str
    context: str
    weight: int


def socials(document: Document, site: str = "", kind: str | None = None) -> list[Fact]:
    """Facts of kind ``social``, at most one profile for each platform and method; ``detail["platform"]`` is the
    contract's field name."""
    seen: dict[str, _Profile] = {}
    for profile in _candidates(document, site, kind):
        known = seen.get(profile.url)
        if known is None:
            seen[profile.url] = profile
        else:
            # Menus and footers repeat the site's own.
            known.weight = max(known.weight, profile.weight) + 1
    best: dict[str, _Profile] = {}
    for profile in seen.values():
        if profile.weight >= 0 and (profile.platform not in best or profile.weight > best[profile.platform].weight):
            best[profile.platform] = profile
    return [
        Fact("social", profile.url, profile.method, profile.context[:MAX_CONTEXT], {"platform": profile.platform})
        for profile in best.values()
    ]


def _target(url: str) -> str | None:
    """Where a page that only sends its reader on ("google.com/url?q=…", "l.facebook.com/l.php?u=…") sends them."""
    match = _SENT_ON.search(url)
    if match is None or (_platform(_host(url)) is not None and _SENDS_ON.match(url) is None):
        return None
    return unquote(match[1])


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0].partition("?")[0].lower().removeprefix("www.")


@lru_cache(maxsize=2_048)
def profile_of(url: str) -> tuple[str, str] | None:
    """(platform, canonical URL) when ``url`` is somebody's profile."""
    url = url.strip()
    if "?" in url and (target := _target(url)) is not None:
        url = target
    if url.startswith("//"):
        url = "https:" + url
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme == "whatsapp" and host == "send":
        host, path = "whatsapp.com", "/send"
    elif parts.scheme in ("http", "https"):
        path = re.sub(r"/{2,}", "/", re.sub(r"\s+", "-", unquote(parts.path).strip())) or "/"
    else:
        return None
    platform = _platform(host)
    if platform is None:
        return None
    if path == "/" and (hash_bang := unquote(parts.fragment)).startswith("!/"):
        path = hash_bang[1:]
    asked = f"{host}{path}?{parts.query}" if parts.query else f"{host}{path}"
    for pattern, canonical in platform.profiles:
        if match := pattern.match(asked, len(host)):
            found = unquote(match.expand(canonical)).rstrip("/.,;)")
            own = found.partition("://")[2].partition("/")[2].lower()
            first = own.partition("/")[0].partition("?")[0]
            refused = platform.refused
            if (own if own.startswith("profile.php?") else first) in refused or any(
                own.startswith(one) for one in refused if "/" in one or "@" in one
            ):
                return None
            return platform.name, found
    return None


def is_social(url: str) -> bool:
    """Does ``url`` lead to one of the platforms, profile or not?"""
    try:
        return _platform((urlsplit(url).hostname or "").removeprefix("www.")) is not None
    except ValueError:
        return False


def _platform(host: str) -> _Platform | None:
    # de-de.facebook.com, m.facebook.com, li.linkedin.com are all the same place.
    table = _platforms()
    return table.get(host) or table.get(".".join(host.split(".")[-2:]))


def _candidates(document: Document, site: str, kind: str | None) -> Iterator[_Profile]:
    for url, method, context, weight in _stated(document):
        if found := profile_of(url):
            yield _Profile(*found, method, context, weight)
    links = document.links
    wanted = 0
    for index, link in enumerate(links):
        href = link.href
        if href[0] not in "h/w" or not href.startswith(_ELSEWHERE) or (found := profile_of(href)) is None:
            continue
        wanted += 1
        if wanted > _MAX_CANDIDATES:
            return
        yield _Profile(*found, "link", link.text, _weight(document, site, kind, found[1], index))
    text = document.text
    for host in _WRITTEN_OUT:
        for at in islice(places(text, host), 5):
            written = text[at : at + 100].split(maxsplit=1)[0].rstrip(".,;)")
            found = profile_of(f"https://{written}")
            if found and _is_like(found[1].rpartition("/")[2].lower(), site, document.title):
                yield _Profile(*found, "text", around(text, at, at + len(written)), 1)


def _stated(document: Document) -> Iterator[tuple[str, str, str, int]]:
    for thing in document.json_ld:
        same = thing.get("sameAs")
        if same and not is_person(thing):
            name = thing.get("name")
            for url in same if isinstance(same, list) else [same]:
                if isinstance(url, str):
                    yield url, "json-ld", name if isinstance(name, str) else "", 6
    yield from ((value, "microdata", "", 5) for name, value in document.microdata if name == "sameAs")
    yield from ((value, "embed", "", 3) for name, value in document.attributes if name == "data-href")
    yield from ((source, "embed", "", 3) for source in document.frames if "facebook.com" in source)


def _weight(document: Document, site: str, kind: str | None, url: str, index: int) -> int:
    link, count = document.links[index], len(document.links)
    handle = _HANDLE.search(url)
    akin = handle is not None and _is_like(handle[0].lower(), site, document.title)
    if any(part in url for part in _PEOPLE):
        return 0 if akin else -1
    if akin:
        return 4
    place = document.find(link.text) if len(link.text) > 3 else -1
    if place >= 0 and third_party(document.text, place):
        return -1
    if "ugc" in link.rel or "sponsored" in link.rel:
        return -1
    # Icons have no text, or the platform's name; what names somebody is about somebody.
    framed = index < 0.15 * count or index >= 0.7 * count
    if kind in _ABOUT_OTHERS and not framed and "wa.me" not in url:
        return -1
    return 2 if framed else 0


@lru_cache(maxsize=2_048)
def _is_like(handle: str, site: str, title: str) -> bool:
    """Does a profile's name resemble the site's domain or a word of the page's title?"""
    name = re.sub(r"[^\w]|_", "", handle)
    if is_akin(f"{name}.com", site):
        return True
    words = "".join(re.findall(r"[^\W_]+", title.lower()))
    return len(name) >= 5 and name in words
