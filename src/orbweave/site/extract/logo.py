"""The picture that stands for the business."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from orbweave.site.document import Document
from orbweave.site.extract.structured import is_organization, url_of
from orbweave.site.facts import Fact

_OWN = re.compile(r"logo|(?:navbar|site|header)[-_]?brand|brand[-_]?(?:image|img)|site[-_]?(?:title|identity)")
# Logos of others stand in rows of partners, means of payment, seals and profiles.
_OTHERS = re.compile(
    r"partner|sponsor|payment|client|customer|kunden|referen[cz]|badge|seal|siegel|award|certif|zertifi|member|mitglied|"
    r"association|verband|supplier|lieferant|brands|marken|visa|master-?card|paypal|klarna|stripe|maestro|amex|twint|"
    r"trustpilot|tripadvisor|google|facebook|instagram|twitter|linkedin|youtube|whatsapp|tiktok|pinterest|xing|"
    r"carousel|slider|powered|cookie|funded|förder|union europ|eu-logo|testimonial"
)
_PICTURE = re.compile(r"\.(?:png|jpe?g|svg|webp|gif|avif|ico)\b", re.IGNORECASE)


def logos(document: Document, known_by: str | None = None) -> list[Fact]:
    """Facts of kind ``logo``, likeliest first, of the surest method that has any, if it is surer than ``known_by``;
    ``value`` is the address as written (the crawl resolves it)."""
    for method, candidates in (
        ("json-ld", _declared(document)),
        ("microdata", (value for name, value in document.microdata if name == "logo")),
        ("image", _shown(document)),
        ("icon", _touch_icons(document)),
        ("share-image", iter([document.metas.get("og:image", "")])),
    ):
        if method == known_by:
            break
        urls = list(dict.fromkeys(url.strip() for url in candidates if url and _is_address(url.strip())))
        if urls:
            return [Fact("logo", url, method) for url in urls[:3]]
    return []


def _is_address(url: str) -> bool:
    return 0 < len(url) <= 2_000 and not url.lower().startswith(("data:", "blob:", "javascript:", "#"))


def _declared(document: Document) -> Iterator[str]:
    for thing in document.json_ld:
        logo = thing.get("logo")
        if logo and (is_organization(thing) or "publisher" not in thing) and (url := _resolved(logo, document.json_ld)):
            yield url


def _resolved(value: Any, things: list[dict[str, Any]]) -> str | None:
    """The picture's address: said here, or by the object that is referred to."""
    while isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Mapping) and not (value.get("url") or value.get("contentUrl")):
        known = (thing for thing in things if thing.get("@id") == value.get("@id"))
        value = next((thing for thing in known if thing.get("url") or thing.get("contentUrl")), None)
    return url_of(value)


def _touch_icons(document: Document) -> Iterator[str]:
    if document.is_in_source(b"apple-touch-icon"):
        yield from (url for rel, url in document.icons if "apple-touch-icon" in rel)


def _shown(document: Document) -> Iterator[str]:
    host = (urlsplit(document.url).hostname or "").removeprefix("www.").partition(".")[0].replace("-", "")
    named = None
    for source, words in document.images:
        if not source:
            continue
        if _OWN.search(words):
            if not _OTHERS.search(words):
                yield source
                return
        elif named is None and len(host) > 3 and host[:3] in words:
            described = re.sub(r"[\W_]", "", words.replace(source.lower(), ""))
            named = source if host in described and not _OTHERS.search(words) else None
    if named and _PICTURE.search(named):
        yield named
