"""Places by name, in any language the gazetteer has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from orbweave.errors import InvalidInput
from orbweave.locations.gazetteer import Location, Region, countries, country_code, details, numbered, read_names
from orbweave.locations.names import fold

CLEARLY_LARGER = 10
"""So many times the people of the next make a place the one that is meant."""
CHOICES = 8
_KIND = re.compile("(?<=..)[市区區町村县縣鎮镇시군구]$")
LARGER = 10_000
SHORTEST_STEM = 3
LONGEST_ENDING = 5
COMMON = 8
"""A beginning that names in more countries share says nothing."""


def find(country: str | None, text: str, *, exact: bool = False) -> list[Location]:
    """Places called ``text``, largest first: "Vaduz", "Wien", "Vaduz, Liechtenstein", "Springfield, Illinois, US".

    What follows a comma is a country (name or code) or region that the place lies in. "国立市" is 国立, when nothing is
    called so with its kind. A place whose name merely begins with the text comes only when none has the whole name, and
    never with ``exact``. ``country`` narrows too.
    """
    name, *qualifiers = [fold(part) for part in text.split(",")]
    if not name:
        return []
    qualifiers = [qualifier for qualifier in qualifiers if qualifier]
    codes = [country_code(country)] if country else list(countries())
    patterns = dict.fromkeys((f"|{name}|", f"|{_KIND.sub('', name)}|", *(() if exact else (f"|{name}",))))
    for pattern in patterns:
        found = [
            place
            for code in codes
            if pattern in _names(code)
            for place in _called(code, pattern)
            if all(_is_in(place, qualifier) for qualifier in qualifiers)
        ]
        if found:
            return sorted(found, key=lambda place: (-place.population, place.location_id))
    return []


def find_inflected(country: str | None, text: str) -> list[Location]:
    """Larger places whose name ends differently than ``text`` does, largest first: "Москве" is Москва, "Krakowie" is
    Kraków. The longest beginning that one has decides; none when that is too common."""
    name = fold(text)
    codes = [country_code(country)] if country else list(countries())
    for length in range(len(name), max(SHORTEST_STEM, len(name) - LONGEST_ENDING) - 1, -1):
        pattern = re.compile(rf"\|({re.escape(name[:length])}\w{{0,2}})(?=\|)")
        called = {code: hits for code in codes if (hits := set(pattern.findall(_names(code))))}
        if len(called) > COMMON:
            return []
        found = [
            place
            for code, hits in called.items()
            for hit in sorted(hits)
            for place in _called(code, f"|{hit}|")
            if place.population >= LARGER
        ]
        if found:
            return sorted(set(found), key=lambda place: (-place.population, place.location_id))
    return []


def choose(found: Sequence[Location], text: str, *, field: str = "location") -> Location:
    """The one that is meant by ``text`` among those that ``find`` gave: the largest, when it is clearly so or the
    others lie in the same region. Raises InvalidInput listing the choices, as they can be typed."""
    by_region: dict[tuple[str, str | None], Location] = {}
    for place in found:
        by_region.setdefault((place.country_code, place.admin_region), place)
    best, *rest = by_region.values()
    if not rest or best.population >= CLEARLY_LARGER * max(1, rest[0].population):
        return best
    choices = "; ".join(_as_choice(place) for place in (best, *rest[: CHOICES - 1]))
    more = f"; and {len(rest) + 1 - CHOICES} more" if len(rest) >= CHOICES else ""
    raise InvalidInput(f"There are several places called {text.strip()!r}; say which: {choices}{more}.", field=field)


def _as_choice(place: Location) -> str:
    people = f" ({place.population:,} people)" if place.population else ""
    return f'"{place.typed_name}"{people}'


def _called(code: str, pattern: str) -> list[Location]:
    names = _names(code)
    numbers: dict[int, None] = {}
    number = at = 0
    while (found := names.find(pattern, at)) >= 0:
        number += names.count("\n", at, found)
        numbers[number] = None
        at = found
        found = names.find("\n", at)
        if found < 0:
            break
        number, at = number + 1, found + 1
    return numbered(code, numbers)


def _is_in(place: Location, qualifier: str) -> bool:
    country = details()[place.country_code]
    if qualifier in (country.code.lower(), fold(country.name)) or qualifier in country.aliases:
        return True
    if place.admin_region is None:
        return False
    return qualifier in fold(place.admin_region) or region_called(place.country_code, qualifier) == place.admin_region


def region_called(country: str, name: str) -> str | None:
    """The region of the country with this name, in any spelling, or code ("IL")."""
    folded = fold(name)
    return next((region.name for region in regions(country) if region.is_called(folded)), None)


@lru_cache(maxsize=64)
def regions(country: str) -> tuple[Region, ...]:
    return tuple(region for region in read_names(country_code(country)).regions if region.name)


@lru_cache(maxsize=512)
def _names(code: str) -> str:
    """The folded names of a country's places, a line each: "|wien|vienne|". One search in it is cheaper than a
    comparison a place."""
    of = read_names(code)
    named = zip(map(fold, of.names), of.aliases, strict=True)
    return "\n".join(f"|{'|'.join((own, *others))}|" for own, others in named)
