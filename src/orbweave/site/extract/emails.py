"""E-mail addresses, also those hidden from collectors in ways a reader (or a browser) undoes without thinking."""

from __future__ import annotations

import codecs
import html as entities
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from itertools import islice
from urllib.parse import unquote

import idna

from orbweave.site import urls
from orbweave.site.document import Document
from orbweave.site.facts import Fact, around

MAX_PER_PAGE = 200
_MAX_SIGNS = 2_000
_MAX_SPELLED = 500
_MAX_SCRIPT = 300_000

# Legal addresses may hold more, but in running text (and in code) the rest are quotes and signs around them.
_LOCAL_BEFORE = re.compile(r"[A-Za-z0-9._%+-]{1,64}(?:'[A-Za-z0-9._%+-]{1,40})?\Z")
_LOCAL_IN_CODE = re.compile(r"[A-Za-z0-9._%+-]{1,64}\Z")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,22}[^\W_])")
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HEX = re.compile(r"[0-9a-f]{20,}")
_SCALED_IMAGE = re.compile(r"\d+(?:\.\d+)?x\.")
_GLUED = re.compile(r"(?<=[a-z])(?=[A-Z])")

_AT_WORDS = r"at|a|ät|aet|æt|et|@|＠|arroba|chez|bei|klammeraffe|kukac|zavin[aá][cč]|ma[lł]pa|snabel-?a|собака|собачка"
_DOT_WORDS = r"dot|d0t|punkt|pkt|point|punto|ponto|pont|kropka|bodka|te[cč]ka|nokta|piste|точка|\."
# Every repetition is bounded: texts are hostile and long.
_AT = re.compile(rf"[\[({{<|*_]{{1,3}}\s?(?:{_AT_WORDS})\s?[\])}}>|*_]{{1,3}}", re.IGNORECASE)
_DOT = re.compile(
    rf"\s?[\[({{<|*_]{{1,3}}\s?(?:{_DOT_WORDS})\s?[\])}}>|*_]{{1,3}}\s?|\s(?:dot|DOT|punkt)\s", re.IGNORECASE
)
_SPELLED = re.compile(
    r"(?<![\w.])([\w.+-]{1,64})\s(?:at|arroba|chez)\s([\w-]{1,63}(?:\s(?:dot|punkt|punto|point|ponto)\s[\w-]{1,63}){1,4})",
    re.IGNORECASE,
)
_SHOUTED = re.compile(r"(?<![\w.])([a-z0-9][\w.+-]{0,63})\sAT\s((?:[\w-]{1,63}\.){1,4}[a-z]{2,24})(?![\w.-])")
_SPACED = re.compile(r"([\w.+-]{1,64})[ \u00a0]{0,2}[@＠][ \u00a0]{0,2}(?=[^\W_])")

_JS_JOIN = re.compile(r"""["']\s{0,9}(?:\+|;?\s{0,9}\w{1,40}\s?\+?=\s?(?:\w{1,40}\s?\+)?)\s{0,9}["']""")
_JS_CODES = re.compile(r"String\.fromCharCode\(([\d\s,x a-fA-F]{5,2000})\)")
_JS_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_TYPO3 = re.compile(r"UnCryptMailto\(\s*(?:%27|['\"])(.{5,300}?)(?:%27|['\"])(?:\s*,\s*(-?\d+))?", re.IGNORECASE)
_SHIFTED = re.compile(r"DeCryptX\(\s*['\"](.{5,300}?)['\"]", re.IGNORECASE)
_CF_PATH = "/cdn-cgi/l/email-protection#"

ROLES = frozenset(
    {"info", "contact", "kontakt", "office", "mail", "email", "hello", "hallo", "support", "sales", "service", "admin"}
    | {"contacto", "contato", "contatti", "reservation", "reservations", "booking", "post", "team", "praxis", "empfang"}
)


def emails(document: Document, site: str = "") -> list[Fact]:
    """Facts of kind ``email``, best evidence first, at most MAX_PER_PAGE. ``site`` is the registrable domain being
    crawled: its own addresses are believed where others would look like template text."""
    found: dict[tuple[str, str], Fact] = {}
    for raw, method, context in _candidates(document, site):
        address = clean(raw, site)
        if address is not None and (address, method) not in found:
            found[address, method] = Fact("email", address, method, context)
            if len(found) >= MAX_PER_PAGE:
                break
    return list(found.values())


def clean(raw: str, site: str = "") -> str | None:
    """The address in lower case with an IDNA domain; None when it isn't one that somebody could read mail at."""
    local, at, domain = raw.strip().strip("<>\"'“”‘’«»()[]{},;:").rpartition("@")
    if not at:
        return None
    local = local.strip(" .'`*|/=&-").removeprefix("u003e").lower()
    known = _real_domain(domain.strip(" .-"), site)
    if known is None or len(local) > 64 or not _LOCAL.fullmatch(local):
        return None
    if _SCALED_IMAGE.match(known) or _HEX.fullmatch(local) or local.startswith("%"):
        return None
    address = f"{local}@{known}"
    return None if _is_placeholder(address, known, site) else address


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
        name = candidate.lower()
        if not name.isascii():
            try:
                name = idna.encode(name, uts46=True).decode()
            except idna.IDNAError:
                continue
        if len(name) <= 253 and (urls.has_known_suffix(name) or (site and (name == site or name.endswith("." + site)))):
            return name
    return None


@lru_cache(maxsize=1)
def _placeholders() -> frozenset[str]:
    text = resources.files("orbweave.site").joinpath("data/placeholders.txt").read_text()
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _is_placeholder(address: str, domain: str, site: str) -> bool:
    known = _placeholders()
    if address in known:
        return True
    if site and (domain == site or domain.endswith("." + site)):
        return False
    labels = domain.split(".")
    return any(".".join(labels[start:]) in known for start in range(len(labels) - 1))


def _candidates(document: Document, site: str) -> Iterator[tuple[str, str, str]]:
    yield from _links(document)
    for name, value in document.attributes:
        yield from ((address, method, "") for address, method in _attribute(name, value))
    yield from ((value, "microdata", "") for name, value in document.microdata if name == "email")
    if "@" in document.html:
        yield from _json_ld(document)
    yield from _in_text(document, site)
    yield from ((text, "reversed", text) for text in document.reversed_texts if "@" in text)
    yield from _in_scripts(document, site)


def _links(document: Document) -> Iterator[tuple[str, str, str]]:
    for link in document.links:
        href = link.href.strip()
        start = href[:12].lower()
        if start.startswith("mailto:"):
            for address in unquote(href[7:].partition("?")[0]).replace(";", ",").split(",")[:20]:
                yield entities.unescape(address), "mailto", link.text
        elif start.startswith("javascript:"):
            yield from ((address, method, link.text) for address, method in _from_javascript(unquote(href)))
        elif _CF_PATH in href:
            yield _cfemail(href.partition("#")[2]), "cfemail", link.text
        elif "@" in href and "/" not in href and ":" not in href:
            yield unquote(href.partition("?")[0]), "mailto", link.text


def _attribute(name: str, value: str) -> Iterator[tuple[str, str]]:
    if name == "data-cfemail":
        yield _cfemail(value), "cfemail"
    elif name == "data-mailto-token":
        token, _, vector = value.partition("\n")
        yield _typo3(token, int(vector) if vector.strip().lstrip("-").isdecimal() else 1), "decoded"
    elif name == "data-enc-email":
        yield codecs.decode(value.replace("[at]", "@"), "rot13"), "decoded"
    elif name == "form":
        yield value, "form"
    elif name == "data-user":
        yield value, "data-attribute"
        yield f"{value.partition('@')[0][::-1]}@{value.partition('@')[2][::-1]}", "data-attribute"
    else:
        yield _DOT.sub(".", _AT.sub("@", unquote(value).replace(" ", ""))), "data-attribute"


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


def _from_javascript(code: str) -> Iterator[tuple[str, str]]:
    for token, vector in _TYPO3.findall(code):
        # Versions differ in the direction of the move.
        steps = [int(vector)] if vector else [1, -1, 2, -2, 3, -3, 10, -10]
        yield from ((_typo3(entities.unescape(token), step), "decoded") for step in steps)
    for token in _SHIFTED.findall(code):
        yield "".join(chr(max(0, ord(character) - 1)) for character in entities.unescape(token)), "decoded"
    text = _plain_javascript(code)
    if "@" in text:
        yield from ((address, "script") for address, _, _ in _at_signs(text, _LOCAL_IN_CODE))


def _json_ld(document: Document) -> Iterator[tuple[str, str, str]]:
    for thing in document.json_ld:
        value = thing.get("email")
        for address in value if isinstance(value, list) else [value]:
            if isinstance(address, str) and "@" in address:
                name = thing.get("name")
                yield address.removeprefix("mailto:"), "json-ld", name[:160] if isinstance(name, str) else ""


def _at_signs(text: str, local: re.Pattern[str] = _LOCAL_BEFORE) -> Iterator[tuple[str, int, int]]:
    """(address, start, end) for what stands directly around each @ of ``text``; only short windows are searched."""
    at = text.find("@")
    for _ in range(_MAX_SIGNS):
        if at < 0:
            return
        before = local.search(text[max(0, at - 64) : at])
        after = _DOMAIN.match(text, at + 1, at + 256) if before else None
        if before and after:
            yield f"{before[0]}@{after[0]}", at - len(before[0]), after.end()
        at = text.find("@", at + 1)


def _in_text(document: Document, site: str) -> Iterator[tuple[str, str, str]]:
    # A text node of its own is believed first: what CSS sets apart is glued together in the joined text
    # ("E-mailinfo@…"). The joined text then serves addresses whose parts are marked up one by one.
    signs = document.pieces.count("@")
    if signs:
        known = []
        for raw, start, end in _at_signs(document.pieces):
            if (address := clean(raw, site)) is not None:
                known.append(address)
                yield address, "text", around(document.pieces, start, end)
        if len(known) < signs:
            for raw, start, end in _at_signs(document.text):
                address = clean(raw, site)
                if address is not None and not address.endswith(tuple(known)):
                    yield address, "text", around(document.text, start, end)
            yield from _spaced(document.text, site)
    if "＠" in document.text or "﹫" in document.text:
        text = document.text.replace("＠", "@").replace("﹫", "@")
        yield from ((address, "obfuscated", around(text, start, end)) for address, start, end in _at_signs(text))
    yield from _written_out(document.text)


def _spaced(text: str, site: str) -> Iterator[tuple[str, str, str]]:
    """ "info @ example.com" unless it reads like a sentence ("find us @ example.com"), and "info@example[dot]com"."""
    at = text.find("@")
    for _ in range(_MAX_SIGNS):
        if at < 0:
            return
        before = _SPACED.search(text, max(0, at - 66), at + 4)
        written = text[before.end() : before.end() + 160] if before else ""
        dotted = _DOT.sub(".", written)
        after = _DOMAIN.match(dotted)
        if before and after:
            local, domain = before[1].lower(), after[0].lower()
            apart = len(before[0]) > len(before[1]) + 1
            believed = local in ROLES or bool(site and domain.endswith(site) and len(local) > 3)
            if believed if apart else not written.startswith(after[0]):
                yield f"{local}@{domain}", "obfuscated", around(text, before.start(), before.end() + len(domain))
        at = text.find("@", at + 1)


def _written_out(text: str) -> Iterator[tuple[str, str, str]]:
    for match in islice(_AT.finditer(text), _MAX_SPELLED):
        before = _DOT.sub(".", text[max(0, match.start() - 80) : match.start()].rstrip())
        local = re.search(r"[\w.+-]{1,64}\Z", before, re.ASCII)
        domain = _DOMAIN.match(_DOT.sub(".", text[match.end() : match.end() + 160].lstrip()))
        if local and domain:
            yield f"{local[0]}@{domain[0]}", "obfuscated", around(text, match.start(), match.end())
    lower = text.lower()
    if " dot " in lower or " punkt " in lower or " punto " in lower or " point " in lower or " ponto " in lower:
        for match in islice(_SPELLED.finditer(text), _MAX_SPELLED):
            domain_text = re.sub(r"\s+(?:dot|punkt|punto|point|ponto)\s+", ".", match[2], flags=re.IGNORECASE)
            yield f"{match[1]}@{domain_text}", "obfuscated", around(text, match.start(), match.end())
    if " AT " in text:
        for match in islice(_SHOUTED.finditer(text), _MAX_SPELLED):
            yield f"{match[1]}@{match[2]}", "obfuscated", around(text, match.start(), match.end())


def _in_scripts(document: Document, site: str) -> Iterator[tuple[str, str, str]]:
    for code in document.scripts:
        if len(code) > _MAX_SCRIPT:
            continue
        builds = "fromCharCode" in code or "mailto" in code or "&#64" in code or "\\u0040" in code or "\\x40" in code
        if not builds and "@" not in code and "UnCrypt" not in code:
            continue
        text = _plain_javascript(code)
        for address, start, end in _at_signs(text, _LOCAL_IN_CODE):
            # Addresses that stand in code are often its author's; those put together on the page are the site's.
            own = site and address.lower().rpartition("@")[2].endswith(site)
            if own or (builds and address not in code):
                yield address, "script", around(text, start, end, 30)


def _plain_javascript(code: str) -> str:
    """String constants of ``code`` joined and their escapes resolved."""
    text = _JS_CODES.sub(_from_codes, code)
    text = _JS_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    if "&#" in text:
        text = entities.unescape(text)
    return _JS_JOIN.sub("", text)


def _from_codes(match: re.Match[str]) -> str:
    try:
        codes = [int(code.strip(), 0) for code in match[1].split(",") if code.strip()]
    except ValueError:
        return ""
    return "".join(chr(code) for code in codes if 32 <= code < 0xD800)
