"""Postal addresses on one line: structured data first, then a street beside or above a postcode and a town."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from orbweave.site.document import Document
from orbweave.site.extract.address_lines import in_block
from orbweave.site.extract.address_text import in_text
from orbweave.site.extract.address_words import MAX_LENGTH, is_nobodys
from orbweave.site.extract.countries import likely_countries
from orbweave.site.extract.others import is_others, shown_domain
from orbweave.site.extract.structured import text_of
from orbweave.site.facts import Fact
from orbweave.site.kinds import fold

MAX_CONTEXT = 120

# Spelled out by some.
_SHORT = {
    "street": "st", "road": "rd", "avenue": "ave", "av": "ave", "boulevard": "blvd", "drive": "dr", "lane": "ln",
    "suite": "ste", "highway": "hwy", "parkway": "pkwy", "court": "ct", "place": "pl", "square": "sq", "north": "n",
    "south": "s", "east": "e", "west": "w", "floor": "fl", "calle": "c", "avenida": "ave", "avda": "ave",
}  # fmt: skip
_COUNTRIES = frozenset(
    {"fl", "ch", "de", "li", "at", "us", "usa", "united", "states", "kingdom", "uk", "gb", "germany", "deutschland"}
    | {"schweiz", "suisse", "switzerland", "osterreich", "austria", "france", "fr", "italia", "italy", "it", "espana"}
    | {"spain", "es", "portugal", "pt", "nederland", "netherlands", "nl", "belgium", "belgie", "belgique", "be"}
    | {"liechtenstein", "canada", "australia", "au", "ireland", "ie", "polska", "poland", "sverige", "sweden", "norge"}
)
MAX_PER_PAGE = 50

# Where the postcode comes after the town.
_CITY_FIRST = frozenset({"US", "CA", "GB", "UK", "AU", "NZ", "IE", "USA", "IN"})


def addresses(document: Document, country: str | None = None) -> list[Fact]:
    """Facts of kind ``address``; equal ones (but for spelling and abbreviations) once per method. ``country``: where
    the business is thought to be."""
    found: dict[tuple[str, str], Fact] = {}
    for value, method, context in _candidates(document, country):
        key = (address_key(value), method)
        if key[0] and key not in found and not is_nobodys(value) and not _is_spelt_longer(key, found):
            found[key] = Fact("address", value, method, context)
            if len(found) >= MAX_PER_PAGE:
                break
    return list(found.values())


def _is_spelt_longer(key: tuple[str, str], found: Mapping[tuple[str, str], Fact]) -> bool:
    """Is it, written without spaces, the beginning of one that was found?"""
    return (
        not key[0].isascii()
        and " " not in key[0]
        and any(other.startswith(key[0]) for other, method in found if method == key[1])
    )


@lru_cache(maxsize=2_048)
def address_key(value: str) -> str:
    """What two spellings of one address have in common."""
    folded = fold(value.replace("ß", "ss"))
    folded = re.sub(r"stra(?:ss|s)e\b|str\.", "str", folded)
    words = {_SHORT.get(word, word) for word in re.findall(r"\w+", folded)}
    return " ".join(sorted(words - _COUNTRIES))


def _candidates(document: Document, country: str | None) -> Iterator[tuple[str, str, str]]:
    for thing in document.json_ld:
        if "streetAddress" in thing or "postalCode" in thing:
            if value := one_line(thing):
                yield value, "json-ld", ""
        elif isinstance(text := thing.get("address"), str) and any(character.isdigit() for character in text):
            yield " ".join(text.split())[:MAX_LENGTH], "json-ld", ""
    yield from _microdata(document)
    text, own_domain = document.text, shown_domain(document)
    nothing = True
    for one in in_text(text, likely_countries(document, country)):
        if not is_others(text, one.start, one.end, own_domain):
            nothing = False
            yield one.value, "text", " ".join(text[one.start : one.end].split())[:MAX_CONTEXT]
    if nothing:
        yield from ((value, "text", value[:MAX_CONTEXT]) for value in filter(None, map(in_block, document.addresses)))


def one_line(parts: Mapping[str, Any]) -> str | None:
    """A schema.org PostalAddress in the order of its country; None when it names no street."""
    street, town, code = (
        text_of(parts.get("streetAddress")),
        text_of(parts.get("addressLocality")),
        text_of(parts.get("postalCode")),
    )
    region, country = text_of(parts.get("addressRegion")), text_of(parts.get("addressCountry"))
    if not street or not (town or code):
        return None
    if (country or "").upper() in _CITY_FIRST:
        tail = [town, " ".join(filter(None, (region, code)))]
    else:
        tail = [" ".join(filter(None, (code, town)))]
    street = re.sub(r"\s*[\n,]\s*", ", ", street).strip(" ,")
    return ", ".join(filter(None, (street, *tail, country)))[:MAX_LENGTH]


def _microdata(document: Document) -> Iterator[tuple[str, str, str]]:
    parts: dict[str, str] = {}
    for name, value in [*document.microdata, ("streetAddress", "")]:
        # The next street begins the next address.
        if name == "streetAddress" and parts:
            if line := one_line(parts):
                yield line, "microdata", ""
            parts = {}
        if name in ("streetAddress", "postalCode", "addressLocality", "addressRegion", "addressCountry"):
            parts.setdefault(name, value)
