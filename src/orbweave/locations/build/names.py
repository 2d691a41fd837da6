"""Which of GeoNames' other names of a place are worth their bytes. They are without language, so scripts decide."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

from orbweave.locations.names import fold

EXONYM = 15_000
"""People from which a place has its names in other languages of the Latin script ..."""
FOREIGN = 150_000
"""... and those in the scripts of SCRIPTS. Names in the scripts of the country's own languages are always kept, and all
of capitals."""

SCRIPTS = {"CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "DEVANAGARI"}
LONGEST = 40

# Languages that countries are named in: CLDR's locales.
_LANGUAGES = """
    ar az bg bn bs ca cs da de el en es et eu fa fi fr ga gl he hi hr hu hy id is it ja ka ko lt lv mk ms mt nb nl pl pt
    ro ru sk sl sq sr sv th tr uk vi zh zh_Hant
"""
SHORT = {
    "AE": ["UAE"],
    "GB": ["UK", "Great Britain", "Britain"],
    "US": ["USA", "America", "EEUU", "États Unis d'Amérique"],
}

_KIND = re.compile(
    r"^(?:State of|Province of|Republic of|Municipality of|Canton of) "
    r"| (?:Region|County|Voivodeship|Oblast|Krai|Kray|Republic|Province|Department|District|Governorate|Prefecture)$",
    re.IGNORECASE,
)

_SEVERAL = {"Jpan": {"CJK", "HIRAGANA", "KATAKANA"}, "Hans": {"CJK"}, "Hant": {"CJK"}, "Kore": {"HANGUL"}}


def others(place: dict[str, Any], own: frozenset[str], *, is_capital: bool) -> list[str]:
    """Folded. ``own``: the scripts of its country."""
    population = max(place["population"], FOREIGN * is_capital)
    found: dict[str, None] = {}
    for name in place["alternatenames"]:
        scripts = {_script(char) for char in name if char.isalpha()}
        if not scripts or len(name) > LONGEST:
            continue
        if scripts == {"LATIN"}:
            wanted = population >= EXONYM and name[:1].isupper() and not (name.isupper() and len(name) < 5)
        elif "LATIN" in scripts:
            wanted = False
        else:
            wanted = scripts <= own or (population >= FOREIGN and scripts <= SCRIPTS)
        if wanted:
            found[fold(name).replace("|", " ")] = None
    return [name for name in found if name and name != fold(place["name"])]


def countries(names: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Code and other names, folded; a name of two countries is of neither."""
    from babel import Locale

    called: dict[str, set[str]] = {code: set() for code in names}
    for language in _LANGUAGES.split():
        for code, name in Locale.parse(language).territories.items():
            if code in called:
                called[code].add(fold(name))
    for code, short in SHORT.items():
        called[code] |= set(map(fold, short))
    for code in names:
        elsewhere = {name for other in names if other != code for name in (*called[other], fold(names[other]))}
        yield code, sorted(called[code] - elsewhere - {fold(names[code]), ""})


def regions(country: str, codes: dict[str, str]) -> dict[str, list[str]]:
    """Region -> other names, folded; ``codes``: of those regions, GeoNames' code, folded, or nothing. A name of two
    regions is of neither."""
    said = _said()
    called = {
        name: {fold(one) for one in (_KIND.sub("", name), *said.get((country, name), ()))} | ({code} if code else set())
        for name, code in codes.items()
    }
    counts = Counter(one for names in called.values() for one in names)
    taken = {fold(name) for name in codes}
    return {
        name: sorted(one for one in names if one and counts[one] == 1 and one not in taken)
        for name, names in called.items()
    }


@lru_cache(maxsize=1)
def _said() -> dict[tuple[str, str], list[str]]:
    """(country, region) -> names, of regions.txt."""
    found: dict[tuple[str, str], list[str]] = {}
    country = ""
    for line in (files("orbweave.locations.build") / "regions.txt").read_text().splitlines():
        region, colon, names = line.partition(":")
        if colon and not line.startswith("#"):
            found[country, region] = [name.strip() for name in names.split(",")]
        elif not line.startswith("#"):
            country = line.strip() or country
    return found


@lru_cache(maxsize=512)
def scripts(languages: str) -> frozenset[str]:
    """Of languages as GeoNames lists them ("de-CH,fr-CH,it-CH,rm"), as Unicode names letters."""
    from babel import Locale
    from babel.core import get_global

    likely, names = get_global("likely_subtags"), Locale("en").scripts
    found: set[str] = set()
    for language in _plain(languages):
        if tag := likely.get(language.replace("-", "_")) or likely.get(language.split("-")[0]):
            script = tag.split("_")[1]
            found |= _SEVERAL.get(script) or {str(names.get(script, script)).upper().split()[0]}
    return frozenset(found)


def _plain(languages: str) -> Iterable[str]:
    return filter(None, languages.split(","))


@lru_cache(maxsize=65536)
def _script(char: str) -> str:
    return unicodedata.name(char, "?").split()[0].split("-")[0]
