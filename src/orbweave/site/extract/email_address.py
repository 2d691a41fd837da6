"""Which texts are e-mail addresses that somebody could read mail at, in one spelling. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import idna

from orbweave.site import urls
from orbweave.site.extract.ownership import is_inside, read_lines

MAX_SIGNS = 2_000
# Legal addresses may hold more, but in running text (and in code) the rest are quotes and signs around them.
_LOCAL_BEFORE = re.compile(r"[A-Za-z0-9._%+-]{1,64}(?:'[A-Za-z0-9._%+-]{1,40})?\Z")
LOCAL_IN_CODE = re.compile(r"[A-Za-z0-9._%+-]{1,64}\Z")
DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,22}[^\W_])")
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HEX = re.compile(r"[0-9a-f]{20,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{14,}")
_SCALED_IMAGE = re.compile(r"\d+(?:\.\d+)?x\.")
_GLUED = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CREDENTIALS = re.compile(r"//[^/\s@\"'<>]{0,60}\Z")
_LEFT_OVER = re.compile(r"^(?:u003[ce]|x3[ce]|nbsp;?|mailto:|%20|%3a|20(?=[a-z]))+", re.IGNORECASE)
_REMOVED_BY_READERS = re.compile(
    r"[.-]?(?:NO-?SPAM|REMOVE-?(?:THIS|ME)?|ENTFERNEN|SPAMSCHUTZ|SANS-?SPAM|ANTI-?SPAM)[.-]?"
)
_REMOVED_LABEL = re.compile(
    r"(?<=[.@])(?:no-?spam|anti-?spam|remove-?(?:this|me)|entfernen)\.(?=[\w.-]*\.)|"
    r"\.(?:no-?spam|anti-?spam|remove-?(?:this|me)|entfernen)(?=\.)"
)
_WORD_BEFORE = re.compile(r"(?:e-?mail|mail|kontakt|contact|courriel|correo|telefon|phone|fax)[:.]?(?=\w)")
_FILES = tuple(
    f".{ending}" for ending in ("png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "css", "js", "json", "php")
)
ANY_LOCAL = re.compile(r"[\w.%+-]{1,64}\Z")
_MIXED = re.compile(r"[^\W\d_]+")
_ASCII_LETTER = re.compile(r"[A-Za-z]")
# Letters of other scripts that look like Latin ones, for words that mix them.
_LATIN = str.maketrans(
    "аеорсхуіјѕԁһӏкмтвнАВЕКМНОРСТХУІЈЅοανικτρυεΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcxyijsdhlkmtbhABEKMHOPCTXYIJSoavikrpueABEZHIKMNOPTYX",
)
WIDE = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"﹫": "@", "。": ".", "．": "."}
)
ROLES = frozenset(read_lines("role_names.txt"))
# How a business forms its addresses, and traps for collectors, even in its own domain.
_PATTERNS = frozenset(
    {"vorname.nachname", "vorname.name", "v.nachname", "firstname.lastname", "first.last", "name.surname", "prenom.nom"}
    | {"nome.cognome", "nombre.apellido", "nome.sobrenome", "voornaam.achternaam", "imie.nazwisko", "jmeno.prijmeni"}
    | {
        "meno.priezvisko",
        "ime.prezime",
        "ime.priimek",
        "vezeteknev.keresztnev",
        "fornavn.etternavn",
        "fornavn.efternavn",
    }
    | {"fornamn.efternamn", "etunimi.sukunimi", "eesnimi.perenimi", "vardas.pavarde", "vards.uzvards", "ad.soyad"}
    | {"honeypot", "spamtrap", "spam-trap", "bot-trap", "bottrap", "spambot", "do-not-mail", "donotmail"}
    | {"nume.prenume", "prenume.nume", "nombre.apellidos", "i.nazwisko", "vorname_nachname", "vornamenachname"}
)


class Found(NamedTuple):
    """``at``: where in the document's text, or -1. ``sure``: the markup says that it is the business's."""

    raw: str
    method: str
    context: str = ""
    at: int = -1
    subject: str | None = None
    sure: bool = False


@lru_cache(maxsize=2_048)
def clean(raw: str, site: str = "") -> str | None:
    """The address in lower case with an IDNA domain; None when it isn't one that somebody could read mail at."""
    if "SPAM" in raw or "REMOVE" in raw or "ENTFERNEN" in raw:
        raw = _REMOVED_BY_READERS.sub("", raw)
    elif "spam" in raw or "remove" in raw or "entfernen" in raw:
        raw = _REMOVED_LABEL.sub("", raw)
    local, at, domain = raw.strip().strip("<>\"'“”‘’«»()[]{},;:").rpartition("@")
    if not at:
        return None
    if not raw.isascii():
        local, domain = _latin(local), _latin(domain)
    local = _LEFT_OVER.sub("", local.strip(" .'`*|/=&-")).lower()
    if local.startswith("__"):
        local = local.lstrip("_")
    if (word := _WORD_BEFORE.match(local)) and local[word.end() :] in ROLES:
        local = local[word.end() :]
    known = _real_domain(domain.strip(" .-").removeprefix("www."), site)
    if known is None or len(local) > 64 or not _LOCAL.fullmatch(local):
        return None
    if _SCALED_IMAGE.match(known) or _HEX.fullmatch(local) or local[0] == "%" or known.endswith(_FILES):
        return None
    address = f"{local}@{known}"
    return None if _is_placeholder(address, local, known, site) else address


def at_signs(text: str, local: re.Pattern[str] = _LOCAL_BEFORE) -> Iterator[tuple[str, int, int]]:
    """(address, start, end) for what stands directly around each @ of ``text``; only short windows are searched."""
    at = text.find("@")
    for _ in range(MAX_SIGNS):
        if at < 0:
            return
        # Dates and prices have no letter, digit or dot before the sign; most @ of social names don't either.
        before = local.search(text[max(0, at - 64) : at])
        after = DOMAIN.match(text, at + 1, at + 256) if before else None
        if before and after:
            start = at - len(before[0])
            if not _cut_off(text[start - 1 : start]) and not _CREDENTIALS.search(text, max(0, start - 64), start):
                yield f"{before[0]}@{after[0]}", start, after.end()
        at = text.find("@", at + 1)


def places(text: str, what: str) -> Iterator[int]:
    at = text.find(what)
    while at >= 0:
        yield at
        at = text.find(what, at + len(what))


def _cut_off(before: str) -> bool:
    """Is what stands before an address a letter that belongs to it? Not so in scripts written without spaces."""
    return "\x80" < before < "\u0530" and before.isalpha()


def _latin(text: str) -> str:
    """Wide letters made narrow, and look-alikes made Latin where other letters around them are."""
    text = text.translate(WIDE).replace("\u00ad", "").replace("\u200b", "")
    return _MIXED.sub(lambda word: word[0].translate(_LATIN) if _ASCII_LETTER.search(word[0]) else word[0], text)


def _real_domain(domain: str, site: str) -> str | None:
    """``domain`` in IDNA, without the words that markup glued to its end ("example.comPhone", "example.com.Call")."""
    match = DOMAIN.match(domain)
    if match is None:
        return None
    shortened = [match[0], _GLUED.split(match[0], maxsplit=1)[0]]
    head, _, last = match[0].rpartition(".")
    if last.istitle() and not head.istitle():
        shortened.insert(0, head)
    for candidate in shortened:
        name = _ascii(candidate)
        if name and len(name) <= 253 and (urls.has_known_suffix(name) or is_inside(name, site)):
            return name
    return None


def _ascii(domain: str) -> str | None:
    name = domain.lower()
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        return None


def in_unicode(domain: str) -> str:
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


class _Placeholders(NamedTuple):
    addresses: frozenset[str]
    domains: frozenset[str]
    labels: frozenset[str]
    locals: frozenset[str]


@lru_cache(maxsize=1)
def _placeholders() -> _Placeholders:
    lines = read_lines("placeholders.txt")
    return _Placeholders(
        frozenset(line for line in lines if "@" in line.strip("@")),
        frozenset(line for line in lines if "@" not in line and not line.endswith(".*")),
        frozenset(line.removesuffix(".*") for line in lines if line.endswith(".*")),
        frozenset(line.removesuffix("@") for line in lines if line.endswith("@")),
    )


def _is_placeholder(address: str, local: str, domain: str, site: str) -> bool:
    known = _placeholders()
    if address in known.addresses or local in _PATTERNS:
        return True
    if is_inside(domain, site):
        return False
    labels = domain.split(".")
    return (
        local in known.locals
        or urls.registrable_domain(domain).partition(".")[0] in known.labels
        or any(".".join(labels[start:]) in known.domains for start in range(len(labels) - 1))
    )
