"""Places by name."""

from __future__ import annotations

from functools import lru_cache

from orbweave.locations.gazetteer import Location, countries, country_code, load, read_columns
from orbweave.locations.names import fold


def find(country: str | None, text: str, *, exact: bool = False) -> list[Location]:
    """Places called ``text``, best first: "Vaduz", "Vaduz, Liechtenstein", "Springfield, Illinois, US".

    What follows a comma narrows to a country (name or code) or region. A place whose name merely begins with the text
    comes only when none has the whole name, and never with ``exact``; among equals the larger is first. ``country``
    narrows too.
    """
    name, *qualifiers = [fold(part) for part in text.split(",")]
    if not name:
        return []
    codes = [country_code(country)] if country else list(countries())
    for qualifier in qualifiers[::-1]:
        named = [code for code in codes if qualifier in (code.lower(), fold(countries()[code]))]
        if named:
            codes = named
            qualifiers.remove(qualifier)
            break
    for pattern in (f"\n{name}\n",) if exact else (f"\n{name}\n", f"\n{name}"):
        found = [
            place
            for code in codes
            if pattern in _names(code)
            for place in load(code)
            if f"\n{fold(place.name)}\n".startswith(pattern) and all(_is_in(place, region) for region in qualifiers)
        ]
        if found:
            return sorted(found, key=lambda place: (-place.population, place.location_id))
    return []


def _is_in(place: Location, region: str) -> bool:
    return place.admin_region is not None and region in fold(place.admin_region)


@lru_cache(maxsize=512)
def _names(code: str) -> str:
    """The folded names of a country, a line each: one search in it is cheaper than a comparison a place."""
    return "\n".join(("", *map(fold, read_columns(code).names), ""))
