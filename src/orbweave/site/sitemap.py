"""Addresses listed in sitemaps. Read by pattern, not by an XML parser: no entities, no external references. Pure."""

from __future__ import annotations

import html
import re
import zlib

_LOC = re.compile(r"<(?:\w+:)?loc\b[^>]{0,100}>\s{0,50}(?:<!\[CDATA\[)?\s{0,50}([^<\s]{1,2048})", re.IGNORECASE)


def unpacked(body: bytes, max_bytes: int) -> bytes:
    """``body``, unzipped when it is a .gz file; at most ``max_bytes``."""
    if body.startswith(b"\x1f\x8b"):
        try:
            return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, max_bytes)
        except zlib.error:
            return b""
    return body[:max_bytes]


def entries(body: bytes, max_urls: int) -> tuple[list[str], bool]:
    """The addresses, and whether they are those of further sitemaps. Plain lists of addresses are understood too."""
    text = body.decode("utf-8", "replace")
    if "<" not in text[:200]:
        lines = [line.strip() for line in text.splitlines()[:max_urls]]
        return [line for line in lines if line.startswith(("http://", "https://"))], False
    found: list[str] = []
    for match in _LOC.finditer(text):
        found.append(html.unescape(match[1].removesuffix("]]>")))
        if len(found) >= max_urls:
            break
    return found, "<sitemapindex" in text[:2000].lower()
