"""The picture that stands for the business."""

from __future__ import annotations

from collections.abc import Iterator

from orbweave.site.document import Document
from orbweave.site.extract.structured import url_of
from orbweave.site.facts import Fact


def logos(document: Document) -> list[Fact]:
    """Facts of kind ``logo``, likeliest first; ``value`` is the address as written (the crawl resolves it)."""
    return [Fact("logo", url, method) for url, method in _candidates(document) if url and not url.startswith("data:")][
        :3
    ]


def _candidates(document: Document) -> Iterator[tuple[str, str]]:
    for thing in document.json_ld:
        if url := url_of(thing.get("logo")):
            yield url, "json-ld"
    yield from ((value, "microdata") for name, value in document.microdata if name == "logo")
    for source, description in document.images:
        if "logo" in description and not any(
            word in description for word in ("partner", "sponsor", "payment", "client")
        ):
            yield source, "image"
            break
    for rel, url in document.icons:
        if "apple-touch-icon" in rel:
            yield url, "icon"
            break
