"""Addresses that scripts, attributes and comments hold: encoded, put together, or not shown. Pure."""

from __future__ import annotations

import codecs
import html as entities
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote

from orbweave.site.document import Document
from orbweave.site.extract import javascript
from orbweave.site.extract.email_address import LOCAL_IN_CODE, Found, at_signs, places
from orbweave.site.extract.email_spelled import plain
from orbweave.site.extract.ownership import is_akin, is_inside, is_mailbox_provider
from orbweave.site.facts import around

_MAX_CODE = 60_000
_MAX_IN_SOURCE = 300
_MAX_WHOLE = 6_000
_MAX_KEPT = 4_000
_TYPO3 = re.compile(r"UnCryptMailto\(\s*(?:%27|['\"])(.{5,300}?)(?:%27|['\"])(?:\s*,\s*(-?\d+))?", re.IGNORECASE)
# Names of functions that sites keep elsewhere.
_MAILING = frozenset(
    {"sendmail", "sendemail", "mailto", "mailit", "mailme", "mail", "writemail", "writeemail", "openmail", "email"}
    | {"domail", "showmail", "showemail", "safemail", "decryptmail", "nospam", "antispam", "linkmail", "contactmail"}
    | {"mail_to", "send_mail", "makemail", "createmail"}
)
_FUNCTION = re.compile(r"function\s{1,3}([\w$]{1,40})\s?\(\s?\w")
_SHIFTED = re.compile(r"DeCryptX\(\s*['\"](.{5,300}?)['\"]", re.IGNORECASE)
# Signs of code that puts an address together; one that merely stands in code is found without reading it.
_BUILDS = (
    "'@", '"@', "@'", '@"', "%40", "&#64", "&#x40", "\\u0040", "\\x40", "fromCharCode", "atob(", "mailto:", ".reverse(",
)  # fmt: skip
_BUILDING = re.compile("|".join(map(re.escape, _BUILDS)))
_NAME_BEFORE = re.compile(r"\s([\w:@.-]{1,40})\s{0,2}=\s{0,2}\Z")
_NOT_FOR_READERS = frozenset({"placeholder", "href", "src", "srcset", "style", "class", "id"})
_SHOWN_ATTRIBUTES = frozenset({"title", "alt", "aria-label", "content", "value", "label"})
_PARTS = re.compile(r"[\w.+-]+")
_NOT_WRITTEN_IN = ("hidden", "readonly", "disabled", "button", "submit", "radio", "checkbox")
_TRAP = re.compile(r"display\s?:\s?none|visibility\s?:\s?hidden|honey-?_?pot|[\s\"'_-](?:bot-?trap|hp)[\s\"'_-]")
_MAIL_KEY = re.compile(r"(?:e-?mail|mail|contact)[\w-]{0,20}\\?[\"']?\s?[:=]\s?\\?[\"']?\Z", re.IGNORECASE)


def in_attribute(name: str, value: str) -> Iterator[Found]:
    if name == "data-cfemail":
        yield Found(cloudflare(value), "cfemail")
    elif name == "data-mailto-token":
        token, _, vector = value.partition("\n")
        step = int(vector) if vector.strip().lstrip("-").isdecimal() else 1
        yield Found(_typo3(token, step), "decoded")
    elif name == "form":
        yield Found(value, "form")
    elif name == "data-user":
        yield Found(value, "data-attribute")
        local, _, domain = value.partition("@")
        yield Found(f"{local[::-1]}@{domain[::-1]}", "data-attribute")
    else:
        yield from (Found(raw, "data-attribute") for raw in _readings(value))
        if "mail" in name and "@" not in value and ":" not in value and 2 <= len(parts := _PARTS.findall(value)) <= 4:
            # "info|muster.li", '["info", "muster", "li"]'
            yield Found(f"{parts[0]}@{'.'.join(parts[1:])}", "data-attribute")


def in_code(document: Document, site: str) -> Iterator[Found]:
    budget = _MAX_CODE
    scripts = document.scripts
    joining = frozenset(name for code in scripts if "@" in code and "function" in code for name in _joining(code))
    for code in (*document.handlers, *scripts):
        if len(code) <= _MAX_KEPT:
            is_read, found = _kept(code, joining)
        else:
            is_read, found = _in_one(code, joining)
        if is_read:
            budget -= min(len(code), _MAX_WHOLE)
        for raw, method in found:
            # Addresses that stand in code are often its author's; those put together on the page are the site's.
            domain = raw.rpartition("@")[2].lower()
            if is_inside(domain, site) or (method != "rot13" and (raw not in code or is_akin(domain, site))):
                yield Found(raw, method, document.title)
        if budget < 0:
            return


def _in_one(code: str, joining: frozenset[str]) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """Was ``code`` read as a program, and what (address, method) is in it?"""
    if any(sign in code for sign in _BUILDS) or any(name in code for name in joining):
        return True, tuple(one for part in _parts(code) for one in from_javascript(part, joining))
    if "@" not in code:
        return False, ()
    return False, tuple(one for raw, _, _ in at_signs(code, LOCAL_IN_CODE) for one in _readable(raw))


# The pages of a site repeat each other's scripts.
_kept = lru_cache(maxsize=1_024)(_in_one)


def _readable(address: str) -> Iterator[tuple[str, str]]:
    yield address, "script"
    yield codecs.decode(address, "rot13"), "rot13"


def in_states(document: Document, site: str) -> Iterator[Found]:
    for state in document.states:
        written = javascript.unescaped(state) if "\\u" in state or '\\"' in state else state
        for raw, start, _ in islice(at_signs(written, LOCAL_IN_CODE), _MAX_IN_SOURCE):
            domain = raw.rpartition("@")[2].lower()
            if is_inside(domain, site) or _MAIL_KEY.search(written, max(0, start - 40), start):
                yield Found(raw, "state", around(written, start, start + len(raw), 30))


def unseen(document: Document, site: str) -> Iterator[Found]:
    """Comments, text for readers without JavaScript, and attributes that name an address."""
    for raw, start, end in at_signs(document.noscript_text):
        yield Found(raw, "noscript", around(document.noscript_text, start, end))
    for comment in document.comments:
        for raw, start, end in islice(at_signs(comment), 20):
            domain = raw.rpartition("@")[2].lower()
            if is_inside(domain, site):
                yield Found(raw, "comment", around(comment, start, end))
    html = document.html
    for at in islice(places(html, "@"), _MAX_IN_SOURCE):
        opened, closed = html.rfind("<", max(0, at - 4_000), at), html.rfind(">", max(0, at - 4_000), at)
        if opened > closed:
            quote = max(html.rfind('"', opened, at), html.rfind("'", opened, at))
            name = _NAME_BEFORE.search(html, max(opened, quote - 48), quote) if quote > 0 else None
            if name and not _is_trap(html, opened, name[1].lower()):
                ends = html.find(html[quote], at, at + 300)
                value = html[max(quote + 1, at - 200) : ends if ends > 0 else at + 300]
                yield from _in_tag(name[1].lower(), entities.unescape(value), site)


def _is_trap(html: str, opened: int, name: str) -> bool:
    """Is the attribute what a field that nobody sees is filled with, or one that visitors write in?"""
    tag = html[opened : opened + 300].partition(">")[0].lower()
    if name == "value" and tag.startswith("<input") and not any(word in tag for word in _NOT_WRITTEN_IN):
        return True
    above = html[max(0, html.rfind("<", max(0, opened - 300), opened)) : opened].lower()
    return (not above.startswith("</") and _TRAP.search(above) is not None) or _TRAP.search(tag) is not None


def cloudflare(encoded: str) -> str:
    """Cloudflare's protection: hex, every byte xor the first."""
    try:
        key, *rest = bytes.fromhex(encoded.partition("?")[0][:600])
        return bytes(byte ^ key for byte in rest).decode("utf-8", "replace").partition("?")[0]
    except ValueError:
        return ""


def from_javascript(code: str, joining: frozenset[str] = frozenset()) -> Iterator[tuple[str, str]]:
    for token, vector in _TYPO3.findall(code):
        # Versions differ in the direction of the move.
        steps = [int(vector)] if vector else [1, -1, 2, -2, 3, -3, 10, -10]
        yield from ((_typo3(entities.unescape(token), step), "decoded") for step in steps)
    for token in _SHIFTED.findall(code):
        yield "".join(chr(max(0, ord(character) - 1)) for character in entities.unescape(token)), "decoded"
    read = javascript.Script(code)
    for name, given in read.calls:
        # write("info", "example", "com"), where the page's own function puts the @ in.
        known = name in joining or (name.lower() in _MAILING and len(given) < 4)
        if known and 2 <= len(given) <= 4 and javascript.GAP not in "".join(given):
            yield f"{given[0]}@{'.'.join(given[1:])}", "script"
    for text in read.texts:
        for address, _, _ in at_signs(_written(text), LOCAL_IN_CODE):
            yield from _readable(address)


def _readings(value: str) -> Iterator[str]:
    """What an encoded ``value`` may say."""
    signs = plain(unquote(value).replace(" ", ""))
    yield signs
    yield signs[::-1]
    yield codecs.decode(signs, "rot13")
    if "@" not in signs and len(value) < 400:
        for decoded in (javascript.from_base64(value), _from_hex(value)):
            if "@" in decoded:
                yield decoded.removeprefix("mailto:").partition("?")[0]


def _from_hex(value: str) -> str:
    try:
        return bytes.fromhex(value).decode()
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


def _written(text: str) -> str:
    """What a browser makes of ``text`` that a script writes."""
    if "&" in text:
        text = entities.unescape(text)
    return unquote(text) if "%" in text else text


def _joining(code: str) -> Iterator[str]:
    """The names of the functions of ``code`` that put an @ between their arguments."""
    for at in islice(places(code, "@"), 20):
        around_at = code[max(0, at - 300) : at]
        if around_at.endswith(("'", '"', "`", "}")) and (names := _FUNCTION.findall(around_at)):
            yield names[-1]


def _parts(code: str) -> Iterator[str]:
    """``code``, or of long code what surrounds the first few places that could make an address."""
    if len(code) <= _MAX_WHOLE:
        yield code
        return
    end = 0
    for match in islice(_BUILDING.finditer(code), 20):
        if match.start() >= end:
            start, end = max(end, match.start() - 1_500), match.start() + 1_500
            yield code[start:end]


def _in_tag(name: str, value: str, site: str) -> Iterator[Found]:
    if name in _NOT_FOR_READERS or name.startswith("on"):
        return
    for raw, *_ in at_signs(value):
        domain = raw.rpartition("@")[2].lower()
        if is_inside(domain, site) or (name in _SHOWN_ATTRIBUTES and is_mailbox_provider(domain)):
            yield Found(raw, "attribute", " ".join(value.split()))
    if name.startswith("data-"):
        for raw in (codecs.decode(value, "rot13"), value[::-1]):
            if is_inside(raw.rpartition("@")[2].lower(), site):
                yield Found(raw, "data-attribute")
