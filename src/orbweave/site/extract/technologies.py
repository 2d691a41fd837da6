"""What a site is made with: content management, shop, builder, frameworks, analytics, services."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

import orjson

from orbweave.site.document import Document

_MAX_HTML = 1_000_000
_WORD = re.compile(r"[a-z0-9]{2,}")


def technologies(document: Document) -> list[str]:
    """Names of the products whose marks are in the page's source, content management and shops first."""
    html = document.html[:_MAX_HTML].lower().replace("content='", 'content="')
    names, by_word = _products()
    # A mark is looked for only where its longest word occurs: most pages have the words of few.
    words = by_word.keys() & {*_WORD.findall(html)}
    found = {place for word in words for place, mark in by_word[word] if mark in html}
    return [names[place] for place in sorted(found)]


@lru_cache(maxsize=1)
def _products() -> tuple[tuple[str, ...], dict[str, list[tuple[int, str]]]]:
    """Names in the order of the file, and, by their longest words, the marks of which one in lower-case source tells a
    product. In the file: category -> product -> marks."""
    text = resources.files("orbweave.site").joinpath("data/technologies.json").read_bytes()
    categories: dict[str, dict[str, list[str]]] = orjson.loads(text)
    products = [item for category in categories.values() for item in category.items()]
    by_word: dict[str, list[tuple[int, str]]] = {}
    for place, (_, marks) in enumerate(products):
        for mark in marks:
            by_word.setdefault(max(_WORD.findall(mark), key=len), []).append((place, mark))
    return tuple(name for name, _ in products), by_word
