"""The real businesses the practice internet answers for, from the packaged open data."""

from __future__ import annotations

from orbweave.maps import Interpretation, Place, Understanding, Wanted, packaged_sources, site_filter, understand

_EVERYTHING = Understanding("", None, (Interpretation(label="everything", score=1.0, method="exact", tags=({},)),))


async def all_places(country: str) -> list[Place]:
    """Every business of ``country`` with a website of its own or an e-mail address. Raises InvalidInput."""
    return [place for place in await _places(country, _EVERYTHING) if place.email or has_website(place)]


async def matching(query: str, country: str) -> list[Place]:
    """Those with a website of their own that a search for ``query`` finds. Raises InvalidInput."""
    return [place for place in await _places(country, understand(query)) if has_website(place)]


async def _places(country: str, understanding: Understanding) -> list[Place]:
    source = packaged_sources().named("embedded")
    return [place async for place in source.places(Wanted(country, understanding))]


def has_website(place: Place) -> bool:
    """Whether it has a website that is not a page on a platform, which a campaign would not crawl."""
    found = site_filter(place.website)
    return found.domain is not None and found.reason is None
