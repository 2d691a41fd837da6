"""Profiles on the fourteen platforms of the contract: not share buttons, posts or the platforms' own pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import orjson

from orbweave.site.document import Document
from orbweave.site.facts import Fact

PLATFORMS = (
    "linkedin", "twitter", "facebook", "instagram", "youtube", "github", "tiktok", "pinterest", "medium", "discord",
    "whatsapp", "telegram", "snapchat", "reddit",
)  # fmt: skip
MAX_PER_PAGE = 60

# Parameters without which the address would lead elsewhere.
_KEPT = {"id", "phone"}


@dataclass(frozen=True, slots=True)
class _Platform:
    name: str
    profile: re.Pattern[str]
    refused: re.Pattern[str]


@lru_cache(maxsize=1)
def _platforms() -> dict[str, _Platform]:
    data = orjson.loads(resources.files("orbweave.site").joinpath("data/socials.json").read_bytes())
    return {
        host: _Platform(name, re.compile(rules["profile"], re.IGNORECASE), re.compile(rules["not"], re.IGNORECASE))
        for name, rules in data.items()
        for host in rules["hosts"]
    }


def socials(document: Document, site: str = "") -> list[Fact]:
    """Facts of kind ``social``; ``detail["platform"]`` is the contract's field name."""
    found: dict[tuple[str, str], Fact] = {}
    for url, method, context in _candidates(document):
        profile = profile_of(url)
        if profile is not None and (profile[1], method) not in found:
            found[profile[1], method] = Fact("social", profile[1], method, context, {"platform": profile[0]})
            if len(found) >= MAX_PER_PAGE:
                break
    return list(found.values())


@lru_cache(maxsize=16_384)
def profile_of(url: str) -> tuple[str, str] | None:
    """(platform, canonical URL) when ``url`` is somebody's profile."""
    url = url.strip()
    if url.startswith("//"):
        url = "https:" + url
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    platform = _platform(host)
    if platform is None:
        return None
    path = re.sub(r"/{2,}", "/", parts.path) or "/"
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name in _KEPT])
    address = f"{path}?{query}" if query else path
    asked = f"{path}?{parts.query}" if parts.query else path
    profile = platform.profile.match(address)
    if profile is None or platform.refused.search(unquote(asked)):
        return None
    return platform.name, f"https://{_host(platform.name, host)}{profile[0].rstrip('/')}"


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


def _host(platform: str, host: str) -> str:
    mains = {
        "facebook": "www.facebook.com",
        "linkedin": "www.linkedin.com",
        "twitter": "x.com",
        "tiktok": "www.tiktok.com",
    }
    mains |= {"instagram": "www.instagram.com", "youtube": "www.youtube.com", "reddit": "www.reddit.com"}
    return host if host in ("fb.me", "instagr.am") else mains.get(platform, host)


def _candidates(document: Document) -> Iterator[tuple[str, str, str]]:
    for thing in document.json_ld:
        same = thing.get("sameAs")
        for url in same if isinstance(same, list) else [same]:
            if isinstance(url, str):
                name = thing.get("name")
                yield url, "json-ld", name[:160] if isinstance(name, str) else ""
    yield from ((value, "microdata", "") for name, value in document.microdata if name == "sameAs")
    for link in document.links:
        if link.href.startswith(("http", "//")):
            yield link.href, "link", link.text
