"""What a site is made with: content management, shop, builder, frameworks, analytics, services."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

import orjson

from orbweave.site.document import Document

_MAX_HTML = 1_000_000
_WORD = re.compile(r"[a-z0-9]{3,}")


def technologies(document: Document) -> list[str]:
    """Names of the products whose marks are in the page's source, content management and shops first."""
    html = document.html[:_MAX_HTML].lower().replace("content='", 'content="')
    # A mark is looked for only where its longest word occurs: most pages have the words of few.
    present = set(_WORD.findall(html))
    return [
        name
        for name, marks in _products()
        if any((not word or word in present) and mark in html for word, mark in marks)
    ]


@lru_cache(maxsize=1)
def _products() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """(name, marks of which one in lower-case source tells it, each behind its longest word). In the file: category ->
    product -> marks."""
    text = resources.files("orbweave.site").joinpath("data/technologies.json").read_bytes()
    categories: dict[str, dict[str, list[str]]] = orjson.loads(text)
    return tuple(
        (name, tuple((max(_WORD.findall(mark), key=len, default=""), mark) for mark in marks))
        for products in categories.values()
        for name, marks in products.items()
    )
