"""Which addresses are one page: in other languages, or in shapes that a machine can go on making for ever. Pure."""

from __future__ import annotations

import re
from importlib import resources
from urllib.parse import parse_qsl, urlencode

# ISO 639-1, as sites mark their languages with.
LANGUAGES = frozenset(resources.files("orbweave.site").joinpath("data/language_codes.txt").read_text().split())
# Country codes that sites take for the language.
_MISTAKEN = {"cz": "cs", "dk": "da", "gr": "el", "jp": "ja", "gb": "en", "us": "en", "ua": "uk", "cn": "zh", "br": "pt"}
_LANGUAGE_NAMES = frozenset({"lang", "language", "locale", "hl", "lng", "l", "sprache", "langue", "idioma", "lingua"})
_CODE = re.compile(r"([a-z]{2})(?:[-_]([a-z]{2,4}))?")

_FRONT_PAGE = re.compile(r"/(?:(?:index|default|main|home)\.\w{2,5})?", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_TOKEN = re.compile(r"(?<=[/=_-])(?=[a-z-]*\d)[0-9a-f-]{16,}(?=[/&.]|$)|(?<=[/=])[0-9A-Za-z_-]{24,}(?=[/&.]|$)")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-/._]?(?:0?[1-9]|1[0-2])(?!\d)")
_PAGING = frozenset(
    {"page", "p", "pg", "paged", "start", "offset", "from", "seite", "pagina", "limit", "month", "year"}
)

DATES, TOKENS, NUMBERS, PAGES, FACETS = 3, 5, 50, 50, 3
"""How many addresses of one shape are worth a look: dates without a title, random tokens, numbers; of one program that
makes all pages of a site; of one page with several parameters."""


def identity(url: str) -> str:
    """The same for http or https, with www or without, with a final slash or without."""
    return url.partition("://")[2].removeprefix("www.").rstrip("/")


def code(text: str) -> str:
    """The language that ``de``, ``de-CH``, ``en_GB`` stands for; "" when it is none."""
    match = _CODE.fullmatch(text.lower())
    if match is None:
        return ""
    found = _MISTAKEN.get(match[1], match[1])
    return found if found in LANGUAGES else ""


def language(name: str) -> tuple[str, str]:
    """(``name`` without what says its language, the language or "") of an ``identity``: its first folder, host name or
    parameter may be a language code."""
    address, _, query = name.partition("?")
    host, slash, path = address.partition("/")
    first, rest_slash, rest = path.partition("/")
    if 2 <= len(first) <= 7 and (found := code(first)):
        plain = f"{host}/{rest}" if rest_slash else host
        return (f"{plain}?{query}" if query else plain), found
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        marks = [(key, value) for key, value in pairs if key.lower() in _LANGUAGE_NAMES]
        found = code(marks[0][1]) or (marks[0][1] if marks[0][1].isdecimal() else "") if marks else ""
        if found:
            others = urlencode([pair for pair in pairs if pair not in marks])
            return (f"{address}?{others}" if others else address.rstrip("/")), found
    label, _, parent = host.partition(".")
    if len(label) == 2 and "." in parent and (found := code(label)):
        return f"{parent}{slash}{path}{'?' + query if query else ''}", found
    return name, ""


def shape(name: str) -> tuple[str, int] | None:
    """What an ``identity`` has in common with others that a machine made, and how many of those are enough; None when
    nothing about it looks made."""
    address, _, query = name.partition("?")
    if query:
        names = [pair.partition("=")[0].lower() for pair in query.split("&")]
        value = query.partition("=")[2]
        front = _FRONT_PAGE.fullmatch(address[address.find("/") :] if "/" in address else "/")
        paging = any(one in _PAGING for one in names) and (value.isdecimal() or _DATE.search(value))
        if (front or names == ["id"]) and not paging and not _TOKEN.search(name):
            return f"{address}?", PAGES
        return f"{address}?", FACETS
    path = address[address.find("/") :] if "/" in address else ""
    if not any(character in path for character in "0123456789") and len(path) < 24:
        return None
    if _TOKEN.search(path):
        return _NUMBER.sub("#", _TOKEN.sub("*", path)), TOKENS
    made = _NUMBER.sub("#", path)
    if made == path:
        return None
    return made, DATES if made.endswith("#") and _DATE.search(path) else NUMBERS
