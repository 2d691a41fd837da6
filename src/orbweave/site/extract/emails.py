"""E-mail addresses, also those hidden from collectors in ways a reader (or a browser) undoes without thinking.

Only short windows around what could be an address are searched, so the time grows with the page and its @ signs."""

from __future__ import annotations

import codecs
import html as entities
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from itertools import islice
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

import idna
import orjson

from orbweave.site import urls
from orbweave.site.document import Document, Link
from orbweave.site.extract import javascript
from orbweave.site.extract.ownership import is_akin, is_inside, is_mailbox_provider, read_lines, third_party
from orbweave.site.extract.structured import is_organization
from orbweave.site.facts import MAX_CONTEXT, Fact, around

MAX_PER_PAGE = 200
_MAX_SIGNS = 2_000
_MAX_SPELLED = 300
_MAX_CODE = 60_000
_MAX_IN_SOURCE = 300

# Legal addresses may hold more, but in running text (and in code) the rest are quotes and signs around them.
_LOCAL_BEFORE = re.compile(r"[A-Za-z0-9._%+-]{1,64}(?:'[A-Za-z0-9._%+-]{1,40})?\Z")
_LOCAL_IN_CODE = re.compile(r"[A-Za-z0-9._%+-]{1,64}\Z")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,22}[^\W_])")
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HEX = re.compile(r"[0-9a-f]{20,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{14,}")
_SCALED_IMAGE = re.compile(r"\d+(?:\.\d+)?x\.")
_GLUED = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CREDENTIALS = re.compile(r"//[^/\s@\"'<>]{0,60}\Z")
_LEFT_OVER = re.compile(r"^(?:u003[ce]|x3[ce]|nbsp;?|mailto:|%20|%3a|20(?=[a-z]))+", re.IGNORECASE)

_OPENINGS = ("(", "[", "{", "<", "（", "［", "【", "「", "〔", "«", "‹", "-at-", "_at_", "*at*", "|at|", "#at#")
_OPENING, _CLOSING = r"\[({<|*_#‹«（［【「〔-", r"\])}>|*_#›»）］】」〕-"
_BRACKET = re.compile(r"[(\[{<（［【「]")
_SPELLED_DOTS = (
    " dot ", " DOT ", " d o t ", " punkt ", " punto ", " ponto ", " point ", " pont ", " kropka ", " tečka ", " bodka ",
    " piste ", " точка ", " крапка ",
)  # fmt: skip
_SPACED = re.compile(r"([\w.+-]{1,64}) {0,2}\Z")
_ANY_WORD = re.compile(r"([\w.+-]{1,64})\s?[\[({<（［【「]\s?[^\W\d]{1,16}\s?[\])}>）］】」]\s?\Z")
_ANY_SIGN = re.compile(r"([A-Za-z0-9._%+-]{1,64})\s?[^\w\s.,:;/@?&=\\'\"<>+%-]{1,3}\s?\Z")
# "★を@に変えてください", "请把#换成@", "replace * with @": the sign that stands for the @.
_STANDS_FOR = re.compile(
    r"[「『（(\"']?([^\w\s])[」』）)\"']?\s?(?:を|は|→|=|换成|改成|改为|替换为|換成|改為|를|을|durch|with|par|por|con|by)\s?"
    r"(?:半角の?|the )?[「『（(\"']?\Z"
)

_TYPO3 = re.compile(r"UnCryptMailto\(\s*(?:%27|['\"])(.{5,300}?)(?:%27|['\"])(?:\s*,\s*(-?\d+))?", re.IGNORECASE)
# Links whose author left the scheme out, or let an editor put a wrong one.
_MAIL_AS_URL = re.compile(
    r"(?:https?:)?/{0,2}([^/?#:@\s]{1,64}@[^/?#:@\s]{3,200})/?(?:\?.*)?", re.IGNORECASE | re.DOTALL
)
_REMOVED_BY_READERS = re.compile(
    r"[.-]?(?:NO-?SPAM|REMOVE-?(?:THIS|ME)?|ENTFERNEN|SPAMSCHUTZ|SANS-?SPAM|ANTI-?SPAM)[.-]?"
)
_WORD_BEFORE = re.compile(r"(?:e-?mail|mail|kontakt|contact|courriel|correo|telefon|phone|fax)[:.]?(?=\w)")
_FUNCTION = re.compile(r"function\s{1,3}([\w$]{1,40})\s?\(\s?\w")
_SHIFTED = re.compile(r"DeCryptX\(\s*['\"](.{5,300}?)['\"]", re.IGNORECASE)
_CF_PATH = "/cdn-cgi/l/email-protection#"
_BUILDS = ("@", "%40", "&#64", "&#x40", "\\u0040", "\\x40", "fromCharCode", "atob(", "mailto")
_BUILDING = re.compile("|".join(map(re.escape, _BUILDS)))
_NAME_BEFORE = re.compile(r"\s([\w:@.-]{1,40})\s{0,2}=\s{0,2}\Z")
_NOT_FOR_READERS = frozenset({"placeholder", "href", "src", "srcset", "style", "class", "id"})
_SHOWN_ATTRIBUTES = frozenset({"title", "alt", "aria-label", "content", "value", "label"})
_MAIL_KEY = re.compile(r"(?:e-?mail|mail|contact)[\w-]{0,20}\\?[\"']?\s?[:=]\s?\\?[\"']?\Z", re.IGNORECASE)
_REPLY_METAS = ("reply-to", "email", "og:email", "contact", "business:contact_data:email", "contact:email")
_ABOUT_OTHERS = ("blog", "news", "privacy")
_FILES = tuple(
    f".{ending}" for ending in ("png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "css", "js", "json", "php")
)
_ANY_LOCAL = re.compile(r"[\w.%+-]{1,64}\Z")
_LOCAL_AT_END = re.compile(r"[A-Za-z0-9._%+-]{1,64}\Z")
_CLOSE_DOTS = re.compile(
    r"\s(?:dot|DOT|d o t|punkt|punto|ponto|point|kropka|tečka|bodka|piste|точка|крапка|pont)\s", re.IGNORECASE
)
_MIXED = re.compile(r"[^\W\d_]+")
_ASCII_LETTER = re.compile(r"[A-Za-z]")

# Letters of other scripts that look like Latin ones, for words that mix them.
_LATIN = str.maketrans(
    "аеорсхуіјѕԁһӏкмтвнАВЕКМНОРСТХУІЈЅοανικτρυεΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcxyijsdhlkmtbhABEKMHOPCTXYIJSoavikrpueABEZHIKMNOPTYX",
)
_WIDE = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"﹫": "@", "。": ".", "．": "."}
)

# Not worth a second piece of evidence.
_WEAK = frozenset({"obfuscated", "script", "state", "noscript", "comment", "attribute", "data-attribute", "decoded"})

ROLES = frozenset(read_lines("role_names.txt"))


class _Found(NamedTuple):
    """``at``: where in the document's text, or -1. ``sure``: the markup says that it is the business's."""

    raw: str
    method: str
    context: str = ""
    at: int = -1
    subject: str | None = None
    sure: bool = False


def emails(document: Document, site: str = "", kind: str | None = None) -> list[Fact]:
    """Facts of kind ``email``, likeliest first, at most MAX_PER_PAGE. ``site`` is the registrable domain being crawled:
    its own addresses are believed where others would look like template text, and next to them strangers' are left
    out. ``detail``: own (in the crawled domain), role (for everybody, not one person), subject, unicode."""
    found: dict[tuple[str, str], Fact] = {}
    strangers: dict[str, int] = {}
    known: set[str] = set()
    owners: set[str] = set()
    akin: set[str] = set()
    for one in _candidates(document, site):
        address = clean(one.raw, site)
        if address is None or (address, one.method) in found or (one.method in _WEAK and address in known):
            continue
        known.add(address)
        local, _, domain = address.rpartition("@")
        own = is_inside(domain, site)
        detail: dict[str, object] = {"own": own, "role": local in ROLES}
        if one.subject:
            detail["subject"] = one.subject
        if "xn--" in domain:
            detail["unicode"] = f"{local}@{_unicode(domain)}"
        found[address, one.method] = Fact("email", address, one.method, one.context[:MAX_CONTEXT], detail)
        if own or one.sure or not site:
            owners.add(address)
        else:
            if is_akin(domain, site) or is_akin(f"{local}.com", site):
                akin.add(address)
            at = one.at if one.at >= 0 else document.text.find(one.raw.strip())
            at = at if at >= 0 or len(one.context) < 4 else document.text.find(one.context)
            strangers[address] = max(at, strangers.get(address, -1))
        if len(found) >= MAX_PER_PAGE:
            break
    refused = _refused(document, strangers, owners, akin, kind)
    return sorted((fact for fact in found.values() if fact.value not in refused), key=_rank)


def _rank(fact: Fact) -> tuple[bool, bool]:
    return not fact.detail["own"], not fact.detail["role"]


def _refused(
    document: Document, strangers: Mapping[str, int], owners: set[str], akin: set[str], kind: str | None
) -> set[str]:
    """Which ``strangers`` (address: its place in the text, or -1) are somebody else's. An address with no mailbox
    provider counts when its domain resembles the site's, or nothing on the page is plainly the owner's; and never where
    the text says whose else it is."""
    refused = set()
    for address in strangers.keys() - owners:
        domain = address.rpartition("@")[2]
        at = strangers[address]
        if at >= 0 and third_party(document.text, at):
            refused.add(address)
        elif address in akin or is_mailbox_provider(domain):
            continue
        elif owners or akin or kind in _ABOUT_OTHERS or _is_linked(document, urls.registrable_domain(domain)):
            refused.add(address)
    return refused


def _is_linked(document: Document, domain: str) -> bool:
    return any(
        domain in link.href and urls.registrable_domain(urls.host_of(link.href)) == domain
        for link in document.links
        if link.href.startswith(("http", "//"))
    )


@lru_cache(maxsize=8_192)
def clean(raw: str, site: str = "") -> str | None:
    """The address in lower case with an IDNA domain; None when it isn't one that somebody could read mail at."""
    if "SPAM" in raw or "REMOVE" in raw or "ENTFERNEN" in raw:
        raw = _REMOVED_BY_READERS.sub("", raw)
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


def _latin(text: str) -> str:
    """Wide letters made narrow, and look-alikes made Latin where other letters around them are."""
    text = text.translate(_WIDE).replace("\u00ad", "").replace("\u200b", "")
    return _MIXED.sub(lambda word: word[0].translate(_LATIN) if _ASCII_LETTER.search(word[0]) else word[0], text)


def _real_domain(domain: str, site: str) -> str | None:
    """``domain`` in IDNA, without the words that markup glued to its end ("example.comPhone", "example.com.Call")."""
    match = _DOMAIN.match(domain)
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


def _unicode(domain: str) -> str:
    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


# How a business forms its addresses, even in its own domain.
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
    | {"nume.prenume", "prenume.nume", "nombre.apellidos", "i.nazwisko", "vorname_nachname", "vornamenachname"}
)


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


def _candidates(document: Document, site: str) -> Iterator[_Found]:
    text = document.text
    yield from _in_links(document.links)
    yield from (_Found(value, "microdata", sure=True) for name, value in document.microdata if name == "email")
    for name, value in document.attributes:
        yield from _in_attribute(name, value)
    signs = "@" in document.html
    if signs:
        yield from _in_json_ld(document)
    yield from _in_text(document, site)
    yield from _written_out(text, site)
    yield from (_Found(turned, "reversed", turned) for turned in document.reversed_texts if "@" in turned)
    yield from _in_code(document, site)
    yield from _in_states(document, site)
    if signs:
        yield from (_Found(raw, "meta") for name in _REPLY_METAS if "@" in (raw := document.metas.get(name, "")))
        yield from _unseen(document, site)


def _in_links(links: Iterable[Link]) -> Iterator[_Found]:
    for href, text, _ in links:
        start = href[:14].strip().lower()
        if start.startswith(("mailto", "mail:", "email:", "e-mail:")):
            # Twice encoded happens when one program hands the link to another.
            given, _, query = unquote(unquote(entities.unescape(href.partition(":")[2]))).partition("?")
            asked = {name.lower(): values[0] for name, values in parse_qs(query).items()} if query else {}
            subject = " ".join(asked.get("subject", "").split())[:200]
            others = ",".join(asked.get(name, "") for name in ("to", "cc", "bcc"))
            for address in f"{given.strip().lstrip('/')},{others}".replace(";", ",").split(",")[:20]:
                named = address.rpartition("<")[2].partition(">")[0] or address
                yield _Found(_plain(named), "mailto", text, subject=subject or None)
        elif start.startswith("javascript:"):
            code = _from_javascript(unquote(href))
            yield from (_Found(raw, method, text) for raw, method in code if method != "rot13")
        elif "email-protection#" in href and _CF_PATH in href:
            yield _Found(_cfemail(href.partition("#")[2]), "cfemail", text)
        elif "@" in href and (wrong := _MAIL_AS_URL.fullmatch(href.strip())):
            yield _Found(unquote(wrong[1]), "mailto", text)


def _plain(address: str) -> str:
    """``address`` with its signs as signs, however they are spelled in brackets."""
    if "@" in address and "[" not in address and "(" not in address:
        return address
    at, dot, _ = _spelled()
    return dot.sub(".", at.sub("@", address))


def _in_attribute(name: str, value: str) -> Iterator[_Found]:
    if name == "data-cfemail":
        yield _Found(_cfemail(value), "cfemail")
    elif name == "data-mailto-token":
        token, _, vector = value.partition("\n")
        step = int(vector) if vector.strip().lstrip("-").isdecimal() else 1
        yield _Found(_typo3(token, step), "decoded")
    elif name == "form":
        yield _Found(value, "form")
    elif name == "data-user":
        yield _Found(value, "data-attribute")
        local, _, domain = value.partition("@")
        yield _Found(f"{local[::-1]}@{domain[::-1]}", "data-attribute")
    else:
        yield from (_Found(raw, "data-attribute") for raw in _readings(value))


def _readings(value: str) -> Iterator[str]:
    """What an encoded ``value`` may say."""
    plain = _plain(unquote(value).replace(" ", ""))
    yield plain
    yield plain[::-1]
    yield codecs.decode(plain, "rot13")
    if "@" not in plain and len(value) < 400:
        for decoded in (javascript.from_base64(value), _from_hex(value)):
            if "@" in decoded:
                yield decoded.removeprefix("mailto:").partition("?")[0]


def _from_hex(value: str) -> str:
    try:
        return bytes.fromhex(value).decode()
    except ValueError:
        return ""


def _cfemail(encoded: str) -> str:
    """Cloudflare's protection: hex, every byte xor the first."""
    try:
        key, *rest = bytes.fromhex(encoded.partition("?")[0][:600])
        return bytes(byte ^ key for byte in rest).decode("utf-8", "replace").partition("?")[0]
    except ValueError:
        return ""


def _typo3(token: str, vector: int) -> str:
    """TYPO3's spam protection: each character moved by ``vector`` inside its range."""

    def move(character: str) -> str:
        for low, high in (("+", ":"), ("@", "Z"), ("a", "z")):
            if low <= character <= high:
                size = ord(high) - ord(low) + 1
                return chr((ord(character) - ord(low) - vector) % size + ord(low))
        return character

    return "".join(map(move, token[:400])).removeprefix("mailto:").partition("?")[0]


def _from_javascript(code: str, joining: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    for token, vector in _TYPO3.findall(code):
        # Versions differ in the direction of the move.
        steps = [int(vector)] if vector else [1, -1, 2, -2, 3, -3, 10, -10]
        yield from ((_typo3(entities.unescape(token), step), "decoded") for step in steps)
    for token in _SHIFTED.findall(code):
        yield "".join(chr(max(0, ord(character) - 1)) for character in entities.unescape(token)), "decoded"
    read = javascript.Script(code)
    for name, given in read.calls:
        # write("info", "example", "com"), where the page's own function puts the @ in.
        if 2 <= len(given) <= 4 and javascript.GAP not in "".join(given) and name in joining:
            yield f"{given[0]}@{'.'.join(given[1:])}", "script"
    for text in read.texts:
        for address, _, _ in _at_signs(_written(text), _LOCAL_IN_CODE):
            yield address, "script"
            yield codecs.decode(address, "rot13"), "rot13"


def _written(text: str) -> str:
    """What a browser makes of ``text`` that a script writes."""
    if "&" in text:
        text = entities.unescape(text)
    return unquote(text) if "%" in text else text


def _in_json_ld(document: Document) -> Iterator[_Found]:
    for thing in document.json_ld:
        value = thing.get("email")
        for address in value if isinstance(value, list) else [value]:
            if isinstance(address, str) and "@" in address:
                name = thing.get("name")
                context = name if isinstance(name, str) else ""
                raw = address.removeprefix("mailto:")
                yield _Found(raw, "json-ld", context, sure=is_organization(thing) or "contactType" in thing)


def _at_signs(text: str, local: re.Pattern[str] = _LOCAL_BEFORE) -> Iterator[tuple[str, int, int]]:
    """(address, start, end) for what stands directly around each @ of ``text``; only short windows are searched."""
    at = text.find("@")
    for _ in range(_MAX_SIGNS):
        if at < 0:
            return
        # Dates and prices have no letter, digit or dot before the sign; most @ of social names don't either.
        before = local.search(text[max(0, at - 64) : at])
        after = _DOMAIN.match(text, at + 1, at + 256) if before else None
        if before and after:
            start = at - len(before[0])
            if not _cut_off(text[start - 1 : start]) and not _CREDENTIALS.search(text, max(0, start - 64), start):
                yield f"{before[0]}@{after[0]}", start, after.end()
        at = text.find("@", at + 1)


def _cut_off(before: str) -> bool:
    """Is what stands before an address a letter that belongs to it? Not so in scripts written without spaces."""
    return "\x80" < before < "\u0530" and before.isalpha()


def _in_text(document: Document, site: str) -> Iterator[_Found]:
    # The joined text is right about addresses whose parts are marked up one by one; a text node of its own is right
    # where only CSS sets words apart ("E-mailinfo@…").
    text = document.text
    if "＠" in text or "﹫" in text:
        text = text.translate(_WIDE)
    if "@" not in text:
        return
    nodes = document.pieces
    known: set[str] = set()
    for raw, _, _ in _at_signs(nodes):
        if (address := clean(raw, site)) is not None:
            known.add(address)
    endings = tuple(known)
    for raw, start, end in _at_signs(text):
        address = clean(raw, site)
        if address is None:
            continue
        if address not in known and (shorter := [one for one in endings if one in address]):
            raw = max(shorter, key=len)
        yield _Found(raw, "text", around(text, start, end), start)
    for raw, start, end in _at_signs(nodes):
        if clean(raw, site) in known:
            yield _Found(raw, "text", around(nodes, start, end), document.text.find(raw))
    if not text.isascii():
        for raw, start, end in _at_signs(text, _ANY_LOCAL):
            if not raw.partition("@")[0].isascii():
                yield _Found(raw, "obfuscated", around(text, start, end), start)
    yield from _spaced(text, site)


def _spaced(text: str, site: str) -> Iterator[_Found]:
    """ "info @ example.com" unless it reads like a sentence ("find us @ example.com"), and "info@example[dot]com"."""
    _, dot, _ = _spelled()
    at = text.find("@")
    for _ in range(_MAX_SIGNS):
        if at < 0:
            return
        behind = text[at + 1 : at + 160].partition("\n")[0]
        apart = text[at - 1 : at].isspace() or behind[:1].isspace()
        before = _SPACED.search(text, max(0, at - 66), at) if apart or _BRACKET.search(behind) else None
        after = _DOMAIN.match(_CLOSE_DOTS.sub(".", dot.sub(".", behind.strip()))) if before else None
        if before and after:
            local, domain = before[1].lower(), after[0].lower()
            believed = local in ROLES or (is_inside(domain, site) and len(local) > 3)
            if believed if apart else not behind.startswith(after[0]):
                context = around(text, before.start(), at + len(domain))
                yield _Found(f"{local}@{domain}", "obfuscated", context, at)
        at = text.find("@", at + 1)


@lru_cache(maxsize=1)
def _spelled() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Patterns of an @ spelled in brackets, of a dot, and of an @ spelled without brackets between words."""
    words = orjson.loads(resources.files("orbweave.site").joinpath("data/spelled_signs.json").read_bytes())
    at, dot = ("|".join(map(re.escape, sorted(words[sign], key=len, reverse=True))) for sign in ("at", "dot"))
    loose = "|".join(map(re.escape, sorted(set(words["at"]) - {"@"}, key=len, reverse=True)))
    # Every repetition is bounded: texts are hostile and long.
    return (
        re.compile(rf"[{_OPENING}]{{1,3}}\s?(?:{at}|a)\s?[{_CLOSING}]{{1,3}}", re.IGNORECASE),
        re.compile(rf"\s?[{_OPENING}]{{1,3}}\s?(?:{dot})\s?[{_CLOSING}]{{1,3}}\s?|\s(?:{dot})\s", re.IGNORECASE),
        re.compile(rf"\s(?:{loose})\s", re.IGNORECASE),
    )


def _written_out(text: str, site: str) -> Iterator[_Found]:
    at, dot, loose = _spelled()
    for opening in _OPENINGS:
        for start in islice(_places(text, opening), _MAX_SPELLED):
            if match := at.match(text, start):
                yield from _around_sign(text, start, match.end(), dot)
    # Without brackets only in front of a domain that is spelled too, or that is the site's own.
    for spelled in _SPELLED_DOTS:
        for place in islice(_places(text, spelled), _MAX_SPELLED):
            signs = list(loose.finditer(text, max(0, place - 160), place))
            if signs:
                yield from _around_sign(text, signs[-1].start(), signs[-1].end(), dot)
    yield from _before_own_domain(text, site, loose)
    yield from _stood_for(text)


def _places(text: str, what: str) -> Iterator[int]:
    at = text.find(what)
    while at >= 0:
        yield at
        at = text.find(what, at + len(what))


def _around_sign(text: str, start: int, end: int, dot: re.Pattern[str]) -> Iterator[_Found]:
    before = dot.sub(".", text[max(0, start - 80) : start].rpartition("\n")[2].rstrip())
    local = _LOCAL_AT_END.search(before)
    domain = _DOMAIN.match(_CLOSE_DOTS.sub(".", dot.sub(".", text[end : end + 160].lstrip().partition("\n")[0])))
    if local and domain:
        yield _Found(f"{local[0]}@{domain[0]}", "obfuscated", around(text, start, end), start)


def _before_own_domain(text: str, site: str, loose: re.Pattern[str]) -> Iterator[_Found]:
    """Whatever stands for the @ in front of the site's own domain: "info [klammeraffe] muster.li", "info★muster.li"."""
    at = text.find(site) if site else -1
    for _ in range(_MAX_SPELLED):
        if at < 0:
            return
        before = text[max(0, at - 90) : at].rpartition("\n")[2]
        if before and not before.endswith(("@", ".", "/", ":", "-")):
            match = _ANY_WORD.search(before) or _ANY_SIGN.search(before)
            if match is None and (signs := list(loose.finditer(before))) and signs[-1].end() == len(before):
                local = _LOCAL_AT_END.search(before[: signs[-1].start()])
                # "Meet us at muster.li" is a sentence.
                match = (
                    local
                    if local and (local[0].lower() in ROLES or "." in local[0] or signs[-1][0].isupper())
                    else None
                )
            if match and not loose.fullmatch(f" {match[match.lastindex or 0]} "):
                yield _Found(
                    f"{match[match.lastindex or 0]}@{site}",
                    "obfuscated",
                    around(text, at - len(before), at + len(site)),
                    at,
                )
        at = text.find(site, at + len(site))


def _stood_for(text: str) -> Iterator[_Found]:
    for word in ("@", "＠", "アットマーク"):
        for place in islice(_places(text, word), _MAX_SPELLED):
            note = _STANDS_FOR.search(text, max(0, place - 24), place)
            if note is None or note[1] in ".,:;/":
                continue
            start, end = max(0, place - 400), place + 400
            replaced = text[start:end].replace(note[1], "@")
            yield from (_Found(raw, "obfuscated", around(replaced, *span), start) for raw, *span in _at_signs(replaced))


def _in_code(document: Document, site: str) -> Iterator[_Found]:
    budget = _MAX_CODE
    scripts = document.scripts
    joining = frozenset(name for code in scripts if "function" in code for name in _joining(code))
    for code in (*document.handlers, *scripts):
        if not any(sign in code for sign in _BUILDS) and not any(name in code for name in joining):
            continue
        for part in _parts(code):
            budget -= len(part)
            if budget < 0:
                return
            for raw, method in _from_javascript(part, joining):
                # Addresses that stand in code are often its author's; those put together on the page are the site's.
                domain = raw.rpartition("@")[2].lower()
                own = is_inside(domain, site)
                if own or (method != "rot13" and (raw not in code or is_akin(domain, site))):
                    yield _Found(raw, method, document.title)


def _joining(code: str) -> Iterator[str]:
    """The names of the functions of ``code`` that put an @ between their arguments."""
    for at in islice(_places(code, "@"), 20):
        around_at = code[max(0, at - 300) : at]
        if around_at.endswith(("'", '"', "`", "}")) and (names := _FUNCTION.findall(around_at)):
            yield names[-1]


def _parts(code: str) -> Iterator[str]:
    """``code``, or of long code what surrounds the first few places that could make an address."""
    if len(code) <= javascript.MAX_CODE:
        yield code
        return
    end = 0
    for match in islice(_BUILDING.finditer(code), 40):
        if match.start() >= end:
            start, end = max(end, match.start() - 1_000), match.start() + 1_000
            yield code[start:end]


def _in_states(document: Document, site: str) -> Iterator[_Found]:
    for state in document.states:
        plain = javascript.unescaped(state) if "\\u" in state or '\\"' in state else state
        for raw, start, _ in islice(_at_signs(plain, _LOCAL_IN_CODE), _MAX_IN_SOURCE):
            domain = raw.rpartition("@")[2].lower()
            if is_inside(domain, site) or _MAIL_KEY.search(plain, max(0, start - 40), start):
                yield _Found(raw, "state", around(plain, start, start + len(raw), 30))


def _unseen(document: Document, site: str) -> Iterator[_Found]:
    """Comments, text for readers without JavaScript, and attributes that name an address."""
    for raw, start, end in _at_signs(document.noscript_text):
        yield _Found(raw, "noscript", around(document.noscript_text, start, end))
    for comment in document.comments:
        for raw, start, end in islice(_at_signs(comment), 20):
            domain = raw.rpartition("@")[2].lower()
            if is_inside(domain, site):
                yield _Found(raw, "comment", around(comment, start, end))
    html = document.html
    for at in islice(_places(html, "@"), _MAX_IN_SOURCE):
        opened, closed = html.rfind("<", max(0, at - 4_000), at), html.rfind(">", max(0, at - 4_000), at)
        if opened > closed:
            quote = max(html.rfind('"', opened, at), html.rfind("'", opened, at))
            name = _NAME_BEFORE.search(html, max(opened, quote - 48), quote) if quote > 0 else None
            if name:
                ends = html.find(html[quote], at, at + 300)
                value = html[max(quote + 1, at - 200) : ends if ends > 0 else at + 300]
                yield from _in_tag(name[1].lower(), entities.unescape(value), site)


def _in_tag(name: str, value: str, site: str) -> Iterator[_Found]:
    if name in _NOT_FOR_READERS or name.startswith("on"):
        return
    for raw, *_ in _at_signs(value):
        domain = raw.rpartition("@")[2].lower()
        if is_inside(domain, site) or (name in _SHOWN_ATTRIBUTES and is_mailbox_provider(domain)):
            yield _Found(raw, "attribute", " ".join(value.split()))
    if name.startswith("data-"):
        for raw in (codecs.decode(value, "rot13"), value[::-1]):
            if is_inside(raw.rpartition("@")[2].lower(), site):
                yield _Found(raw, "data-attribute")
