"""Which country's rules to read a page's national numbers and addresses with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property, lru_cache
from urllib.parse import urlsplit

import phonenumbers

from orbweave.site.document import Document

# Country codes that are sold all over the world say nothing about where a site's owner sits.
_GENERIC_TLDS = frozenset(
    {"ac", "ai", "as", "bz", "cc", "cd", "co", "cx", "dj", "eu", "fm", "gg", "gl", "im", "io", "la", "ly", "me", "mn"}
    | {"ms", "mu", "nu", "pw", "sh", "st", "su", "tk", "to", "tv", "vc", "ws"}
)
# Small countries whose businesses also use their neighbour's numbers.
_NEIGHBOURS = {"LI": ("CH", "AT"), "MC": ("FR",), "AD": ("ES", "FR"), "SM": ("IT",), "VA": ("IT",)}
# The countries of a language, those with most of its websites first.
_LANGUAGE_COUNTRIES = {
    "ar": "SA AE EG JO KW MA LB", "az": "AZ", "be": "BY", "bg": "BG", "bn": "BD IN", "bs": "BA", "ca": "ES AD",
    "cs": "CZ", "cy": "GB", "da": "DK", "de": "DE AT CH", "el": "GR CY", "en": "US GB", "es": "ES MX AR CO CL PE",
    "et": "EE", "eu": "ES", "fa": "IR", "fi": "FI", "fr": "FR BE CH CA", "ga": "IE", "gl": "ES", "he": "IL",
    "hi": "IN", "hr": "HR", "hu": "HU", "hy": "AM", "id": "ID", "is": "IS", "it": "IT CH", "iw": "IL", "ja": "JP",
    "ka": "GE", "kk": "KZ", "ko": "KR", "lb": "LU", "lt": "LT", "lv": "LV", "mk": "MK", "mn": "MN", "ms": "MY",
    "mt": "MT", "nb": "NO", "nl": "NL BE", "nn": "NO", "no": "NO", "pl": "PL", "pt": "PT BR", "ro": "RO MD",
    "ru": "RU KZ BY", "sk": "SK", "sl": "SI", "sq": "AL XK", "sr": "RS", "sv": "SE FI", "sw": "KE TZ", "ta": "IN",
    "te": "IN", "th": "TH", "tl": "PH", "tr": "TR", "uk": "UA", "ur": "PK", "uz": "UZ", "vi": "VN", "zh": "CN TW HK",
}  # fmt: skip
_COUNTRY_NAMES = {
    "united states": "US", "usa": "US", "united states of america": "US", "united kingdom": "GB", "uk": "GB",
    "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB", "deutschland": "DE", "germany": "DE",
    "österreich": "AT", "austria": "AT", "schweiz": "CH", "suisse": "CH", "svizzera": "CH", "switzerland": "CH",
    "france": "FR", "italia": "IT", "italy": "IT", "españa": "ES", "spain": "ES", "portugal": "PT",
    "nederland": "NL", "netherlands": "NL", "the netherlands": "NL", "belgië": "BE", "belgique": "BE",
    "belgium": "BE", "canada": "CA", "australia": "AU", "new zealand": "NZ", "ireland": "IE", "liechtenstein": "LI",
    "luxembourg": "LU", "danmark": "DK", "denmark": "DK", "norge": "NO", "norway": "NO", "sverige": "SE",
    "sweden": "SE", "suomi": "FI", "finland": "FI", "polska": "PL", "poland": "PL", "brasil": "BR", "brazil": "BR",
    "méxico": "MX", "mexico": "MX", "india": "IN", "japan": "JP", "日本": "JP",
}  # fmt: skip
_TLD_ISO = {"uk": "GB", "ac": "GB"}
_ABROAD = re.compile(r"(?<![\d+])(?:\+|00(?=[1-9]\d ))[ (]{0,2}([1-9]\d{0,2})")
# "Springfield, IL 62701", "SW1A 2AA", "K1A 0B1": no other country writes them so.
_US_PLACE = re.compile(r", ?[A-Z]{2} [0-9]{5}(?![\d\w])")
_GB_PLACE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}\b")
_CA_PLACE = re.compile(r"[A-Z][0-9][A-Z] [0-9][A-Z][0-9]\b")
_NORTH_AMERICAN = re.compile(r"\([2-9]\d\d\) ?\d{3}-\d{4}")
_MAX_SEEN = 20


class Regions:
    """``likely``: see ``likely_countries``. ``more``: what else the page tells, for numbers that a word says are some
    but that are none in the likely countries. Both are found out when first asked for."""

    def __init__(self, document: Document, country: str | None) -> None:
        self._document = document
        self._country = country

    @cached_property
    def likely(self) -> tuple[str, ...]:
        return likely_countries(self._document, self._country)

    @property
    def are_sure(self) -> bool:
        """Was there more to go by than the language?"""
        return bool(_certain(self._document, self._country))

    @cached_property
    def more(self) -> tuple[str, ...]:
        language = self._document.lang.replace("_", "-").partition("-")[0]
        others = (*_seen(self._document), *_LANGUAGE_COUNTRIES.get(language, "").split())
        return tuple(code for code in dict.fromkeys(others) if code not in self.likely)


@lru_cache(maxsize=2)
def likely_countries(document: Document, country: str | None = None) -> tuple[str, ...]:
    """ISO codes to read national numbers with, likeliest first: the page's structured data, its country domain,
    ``country`` (where the business is thought to be), the region of its language, what its international numbers and
    postcodes tell, and, when nothing else does, the main countries of its language.

    A page's "en-US" is what its builder set, not what its owner is: it counts as the language alone."""
    if sure := _certain(document, country):
        return sure
    language = document.lang.replace("_", "-").partition("-")[0]
    return _with_neighbours((*_seen(document), *_LANGUAGE_COUNTRIES.get(language, "US GB").split()))


def _certain(document: Document, country: str | None) -> tuple[str, ...]:
    language, _, region = document.lang.replace("_", "-").partition("-")
    declared = tuple(dict.fromkeys(filter(None, map(_iso, _declared(document)))))
    return _sure(declared, _top(document.url), country.upper() if country else None, language, region[-2:])


@lru_cache(maxsize=4_096)
def _sure(declared: tuple[str, ...], top: str, country: str | None, language: str, region: str) -> tuple[str, ...]:
    by_domain = None
    if len(top) == 2 and (top not in _GENERIC_TLDS or top.upper() == country):
        by_domain = _TLD_ISO.get(top, top.upper())
    by_language = None if (language, region) == ("en", "us") else _iso(region)
    return _with_neighbours(
        code
        for code in (*declared, by_domain, country, by_language)
        if code is not None and code in phonenumbers.SUPPORTED_REGIONS
    )


def _with_neighbours(codes: Iterator[str] | tuple[str, ...]) -> tuple[str, ...]:
    known = tuple(dict.fromkeys(codes))
    return tuple(dict.fromkeys([*known, *(other for code in known for other in _NEIGHBOURS.get(code, ()))]))


def _declared(document: Document) -> Iterator[str]:
    for thing in document.json_ld:
        value = thing.get("addressCountry")
        if isinstance(value, dict):
            value = value.get("name")
        if isinstance(value, str):
            yield value
    yield from (value for name, value in document.microdata if name == "addressCountry")


def _iso(text: str) -> str | None:
    text = text.strip()
    code = _COUNTRY_NAMES.get(text.lower(), text).upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def _top(url: str) -> str:
    host = urlsplit(url).hostname or ""
    return host.rpartition(".")[2]


@lru_cache(maxsize=1)
def _seen(document: Document) -> tuple[str, ...]:
    text = document.text
    votes: Counter[str] = Counter()
    for match in _ABROAD.finditer(text):
        digits = match[1]
        regions = next(
            (
                codes
                for size in (3, 2, 1)
                if (codes := phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:size])))
            ),
            (),
        )
        if regions and regions[0] != "001":
            votes[regions[0]] += 1
        if votes.total() >= _MAX_SEEN:
            break
    for code, pattern in (("US", _US_PLACE), ("GB", _GB_PLACE), ("CA", _CA_PLACE), ("US", _NORTH_AMERICAN)):
        if pattern.search(text):
            votes[code] += 1
    return tuple(code for code, _ in votes.most_common(3))
