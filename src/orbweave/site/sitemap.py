"""Addresses listed in sitemaps. Read by pattern, not by an XML parser: no entities, no external references. Pure."""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterable

from orbweave.site import variants

_LOC = re.compile(r"<(?:\w+:)?loc\b[^>]{0,100}>\s{0,50}(?:<!\[CDATA\[)?\s{0,50}([^<\s]{1,2048})", re.IGNORECASE)
_ALTERNATE = re.compile(r"<(?:\w+:)?link\b([^>]{0,3000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(hreflang|href)\s*=\s*[\"']([^\"'<>]{1,2048})[\"']", re.IGNORECASE)
_END = "</url>"
_LONGEST_ENTRY = 50_000
# Names that plug-ins give to the parts of an index.
_OF_PAGES = re.compile(r"page|site|static|content|main|seite|pagina")
_OF_OTHERS = re.compile(
    r"post|product|produkt|image|video|news|tag|categor|kategor|author|archive|attachment|media|event|tax|blog|shop|item",
)


def unpacked(body: bytes, max_bytes: int) -> bytes:
    """``body``, unzipped when it is a .gz file; at most ``max_bytes``."""
    if body.startswith(b"\x1f\x8b"):
        try:
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, max_bytes)
        except zlib.error:
            return b""
    return body[:max_bytes]


def entries(body: bytes, max_urls: int, language: str = "") -> tuple[list[str], bool]:
    """The addresses, and whether they are those of further sitemaps. Plain lists of addresses are understood too. Of
    pages that say which others are the same in other languages, only those in ``language`` (a code) or, if there is
    none, those for readers of any language."""
    text = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    if "<" not in text[:200]:
        lines = [line.strip() for line in text.splitlines()[:max_urls]]
        return [line for line in lines if line.startswith(("http://", "https://"))], False
    multilingual = "hreflang" in text
    found: list[str] = []
    for match in _LOC.finditer(text):
        url = _text(match[1].removesuffix("]]>"))
        if multilingual:
            end = text.find(_END, match.end(), match.end() + _LONGEST_ENTRY)
            if not _is_for(url, text[match.end() : max(end, match.end())], language):
                continue
        found.append(url)
        if len(found) >= max_urls:
            break
    return found, "<sitemapindex" in text[:2000].lower()


def first_those_of_pages(urls: Iterable[str]) -> list[str]:
    """The parts of an index, those first that list a site's own pages and not its articles, products or pictures."""

    def rank(url: str) -> tuple[bool, bool]:
        name = url.partition("?")[0].rpartition("/")[2].lower().replace("sitemap", "")
        return bool(_OF_OTHERS.search(name)), not _OF_PAGES.search(name)

    return sorted(urls, key=rank)


def _text(escaped: str) -> str:
    return html.unescape(escaped) if "&" in escaped else escaped


def _is_for(url: str, rest: str, language: str) -> bool:
    """Is ``url`` the one to read of the alternates that ``rest`` of its entry names?"""
    alternates: dict[str, str] = {}
    for link in _ALTERNATE.finditer(rest):
        attributes = {name.lower(): _text(value) for name, value in _ATTRIBUTE.findall(link[1])}
        if "href" in attributes and "hreflang" in attributes:
            name = attributes["hreflang"]
            alternates.setdefault(variants.code(name) or name.lower(), attributes["href"])
    if len(alternates) < 2:
        return True
    best = alternates.get(language) or alternates.get("x-default") or next(iter(alternates.values()))
    return url not in alternates.values() or url == best
