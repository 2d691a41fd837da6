"""Postal addresses on one line: structured data first, then a street beside or above a postcode and a town."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from orbweave.site.document import Document
from orbweave.site.extract.structured import text_of
from orbweave.site.facts import Fact
from orbweave.site.kinds import fold

MAX_PER_PAGE = 20
_MAX_CANDIDATES = 200
_MAX_LENGTH = 200

# Where the postcode comes after the town.
_CITY_FIRST = frozenset({"US", "CA", "GB", "UK", "AU", "NZ", "IE", "USA"})
_TOWN = r"[^\W\d_][^\W\d_'’.]{1,30}(?:[ \-/][^\W\d_][\w'’.]{0,30}){0,3}"
# AD500 · 1015 CJ · 1000-001 · 00-950 · 110 00 · 9490 · 10115, before the town; what stands before is asked afterwards,
# because a pattern that begins with digits is found many times faster.
_POSTCODE_TOWN = re.compile(r"\d\d(?:\d\d ?[A-Z]{2}(?= )|\d\d-\d{3}|-\d{3}|\d \d{2}|\d{1,3})[ ,]{1,2}" + _TOWN)
_COUNTRY_BEFORE = re.compile(r"(?<![\w.,/+-])(?:AD|[A-Z]{1,3}[- ])?\Z")
# What follows a town in the United States, the United Kingdom, Canada and Australia.
_POSTCODE_LAST = re.compile(
    r"(?:A[CLKRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|"
    r"W[AIVY]) ?\d{5}(?:-\d{4})?(?![\w-])|"
    r"(?:GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})(?![\w-])|"
    r"(?:AB|BC|MB|NB|NL|NS|ON|PE|QC|SK),? [A-Z]\d[A-Z] ?\d[A-Z]\d(?![\w-])|"
    r"(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT) \d{4}(?![\w-])"
)
_MAYBE_POSTCODE = re.compile(r"[A-Z][A-Z\d]{1,3},? ?[A-Z\d]{3}")
_TOWN_BEFORE = re.compile(rf"{_TOWN},? \Z")
_NUMBER_LAST = re.compile(
    r"(?P<street>[^\W\d_][^\d\n,|•·@]{2,50}?,? ?\d{1,4}(?: ?[a-zA-Z](?![\w]))?(?: ?[-/–] ?\d{1,4} ?[a-zA-Z]?)?)\Z"
)
_NUMBER_FIRST = re.compile(
    r"(?<![\w.#-])(?P<street>\d{1,5}(?:-\d{1,5})?(?: ?(?:bis|ter|[a-zA-Z])\b)?,? [^\W_][^\n|•·@]{3,80})\Z",
    re.IGNORECASE,
)
_SUITE = re.compile(r"(?:suite|ste|unit|floor|apt|room|bldg|building|level|#)[\w .#&-]{0,24}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4}")
_AROUND = " ,|•·–-/"
_STREET_NAME = re.compile(
    r"(?:stra(?:ss|ß)e|gasse|weg|platz|allee|ring|straat|laan|plein|gatan|v[äa]gen|vej)\b|str\.|\bc/|\b(?:rue|avenue|boulevard|"
    r"place|chemin|route|quai|via|viale|piazza|corso|calle|avda|plaza|carrer|rua|ulica|ul|utca|street|road|lane|drive|"
    r"parkway|highway|court|square|terrace|crescent|circle|broadway|close|st|rd|dr|ave?|blvd|bd|ln|hwy|pkwy|ct|sq|pl|way|"
    r"pike|loop)\b",
    re.IGNORECASE,
)
_NOT_A_STREET = re.compile(
    r"\b(?:tel\w*|phone|fax|mob\w*|e-?mail|www|iban|uid|mwst|vat|hrb?|fn|copyright|seit|since|uhr|chf|eur|"
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december) \d)\b|[€$£©@]",
    re.IGNORECASE,
)


def addresses(document: Document) -> list[Fact]:
    """Facts of kind ``address``; equal ones (but for spelling and abbreviations) once per method."""
    found: dict[tuple[str, str], Fact] = {}
    for value, method, context in _candidates(document):
        key = (address_key(value), method)
        if key[0] and key not in found:
            found[key] = Fact("address", value, method, context)
            if len(found) >= MAX_PER_PAGE:
                break
    return list(found.values())


def address_key(value: str) -> str:
    """What two spellings of one address have in common."""
    folded = fold(value.replace("ß", "ss"))
    folded = re.sub(r"stra(?:ss|s)e\b|str\.", "str", folded)
    return " ".join(sorted(set(re.findall(r"\w+", folded)) - {"fl", "ch", "de", "li"}))


def _candidates(document: Document) -> Iterator[tuple[str, str, str]]:
    for thing in document.json_ld:
        if "streetAddress" in thing or "postalCode" in thing:
            if value := one_line(thing):
                yield value, "json-ld", ""
        elif isinstance(text := thing.get("address"), str) and any(character.isdigit() for character in text):
            yield " ".join(text.split())[:_MAX_LENGTH], "json-ld", ""
    yield from _microdata(document)
    yield from ((value, "text", value) for value in in_text(document.text))
    for block in document.addresses:
        yield from ((value, "text", value) for value in in_text(block))


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
    return ", ".join(filter(None, (street, *tail, country)))[:_MAX_LENGTH]


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


def in_text(text: str) -> Iterator[str]:
    """Addresses in lines of text."""
    for start, end, town_first in _places(text):
        if street := _street_before(text, start, town_first):
            place = " ".join(text[start:end].split()).strip(" ,.")
            yield f"{street}, {place}"[:_MAX_LENGTH]


def _places(text: str) -> Iterator[tuple[int, int, bool]]:
    """Where a postcode and its town stand, and whether the town comes first (as where house numbers do too)."""
    for match in islice(_POSTCODE_TOWN.finditer(text), _MAX_CANDIDATES):
        before = text[max(0, match.start() - 5) : match.start()]
        country = _COUNTRY_BEFORE.search(before)
        if country and (country[0] == "AD" or not match[0][3].isspace() or match[0][4].isdigit()):
            yield match.start() - len(country[0]), match.end(), False
    for maybe in islice(_MAYBE_POSTCODE.finditer(text), _MAX_CANDIDATES):
        code = _POSTCODE_LAST.match(text, maybe.start())
        if code is None or text[code.start() - 1 : code.start()] not in (" ", "\n"):
            continue
        line = max(text.rfind("\n", 0, code.start()) + 1, code.start() - 60)
        before = text[line : code.start()]
        if town := _TOWN_BEFORE.search(before[before.rfind(",", 0, len(before) - 2) + 1 :]):
            yield code.start() - len(town[0]), code.end(), True


def _street_before(text: str, end: int, number_first: bool) -> str | None:
    """The street in the line that ends (or the lines that end) before ``end``."""
    start = text.rfind("\n", 0, end) + 1
    before = text[max(start, end - 120) : end].strip(_AROUND)
    for _ in range(2):
        if before and not _SUITE.fullmatch(before):
            break
        if start < 2:
            return None
        above = text.rfind("\n", 0, start - 1) + 1
        line = text[max(above, start - 120) : start - 1].strip(_AROUND)
        before, start = f"{line}, {before}" if before else line, above
    if len(before) > 100:
        return None
    for pattern in (_NUMBER_FIRST, _NUMBER_LAST) if number_first else (_NUMBER_LAST, _NUMBER_FIRST):
        match = pattern.search(before)
        if match is None or _NOT_A_STREET.search(match["street"]):
            continue
        # The last part of the line that reads like a street: "Example Ltd: Main Street 5".
        street = re.split(r"\s?[|•·:]\s|\s[–-]\s", match["street"])[-1].strip(" ,")
        named = _STREET_NAME.search(street) is not None
        if named or (pattern is _NUMBER_LAST and not number_first and _WORD.search(street) and len(street) >= 5):
            return street
    return None
