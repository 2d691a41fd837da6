"""Places by name."""

from __future__ import annotations

from functools import lru_cache

from orbweave.locations.gazetteer import Location, countries, country_code, load, read_columns
from orbweave.locations.names import fold


def find(country: str | None, text: str) -> list[Location]:
    """Places called ``text``, best first: "Vaduz", "Vaduz, Liechtenstein", "Springfield, Illinois, US".

    What follows a comma narrows to a country (name or code) or region. A place whose name merely begins with the text
    comes only when none has the whole name; among equals the larger is first. ``country`` narrows too.
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
    index = {code: _names(code) for code in codes}
    for matches in (str.__eq__, str.startswith):
        found = [
            place
            for code, names in index.items()
            if (ids := {id_ for id_, folded in names if matches(folded, name)})
            for place in load(code)
            if place.location_id in ids and all(_in_region(place, qualifier) for qualifier in qualifiers)
        ]
        if found:
            return sorted(found, key=lambda place: (-place.population, place.location_id))
    return []


def _in_region(place: Location, qualifier: str) -> bool:
    return place.admin_region is not None and qualifier in fold(place.admin_region)


@lru_cache(maxsize=512)
def _names(code: str) -> list[tuple[int, str]]:
    columns = read_columns(code)
    return list(zip(columns.ids, map(fold, columns.names), strict=True))
