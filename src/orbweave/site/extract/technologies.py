"""What a site is made with: content management, shop, builder, frameworks, analytics, services."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import orjson

from orbweave.site.document import Document

_MAX_HTML = 1_000_000


def technologies(document: Document) -> list[str]:
    """Names of the products whose marks are in the page's source, content management and shops first."""
    html = document.html[:_MAX_HTML].lower().replace("content='", 'content="')
    return [name for name, marks in _products() if any(mark in html for mark in marks)]


@lru_cache(maxsize=1)
def _products() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(name, texts of which one in lower-case source tells it). Category -> product -> marks in the file."""
    text = resources.files("orbweave.site").joinpath("data/technologies.json").read_bytes()
    categories: dict[str, dict[str, list[str]]] = orjson.loads(text)
    return tuple((name, tuple(marks)) for products in categories.values() for name, marks in products.items())
