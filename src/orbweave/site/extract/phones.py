"""Phone numbers in E.164, fax told apart: what links and structured data say, and what reads like a number and is a
valid one in the country of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import NamedTuple
from urllib.parse import unquote

from orbweave.site.document import Document
from orbweave.site.extract.countries import Regions, likely_countries
from orbweave.site.extract.others import shown_domain
from orbweave.site.extract.phone_marks import Marks
from orbweave.site.extract.phone_numbers import Number, described
from orbweave.site.extract.phone_text import is_glued, mentions, named_numbers
from orbweave.site.facts import Fact
from orbweave.site.phone_words import Label, label_before

__all__ = ["likely_countries", "phones"]

MAX_PER_PAGE = 100
_MAX_DECLARED = 300
_MAX_LENGTH = 40
_SCHEMES = ("tel:", "callto:", "fax:", "sms:", "whatsapp:", "viber:", "skype:", "facetime")
_MAX_STATE = 200_000
_LITTLE = 3_000
_NO_SCHEME = frozenset("/#?.")
_MESSENGER = re.compile(r"(?:wa\.me/|[?&](?:phone|number)=)(?:%2B|\+|%20| )*(\d[\d\-%+ ]{6,20})", re.IGNORECASE)
_METAS = (
    ("business:contact_data:phone_number", Label.PHONE),
    ("og:phone_number", Label.PHONE),
    ("business:contact_data:fax_number", Label.FAX),
    ("og:fax_number", Label.FAX),
)
_PROPS = re.compile(r"&quot;(?:tele)?(?:phone|fax|mobile)\w{0,8}&quot;\s?:\s?&quot;[^&]{6,40}&quot;", re.IGNORECASE)
_STATE = re.compile(
    r'"(telephone|phone|phoneNumber|phone_number|mobile|fax|faxNumber|fax_number|tel)"\s?:\s?"([^"]{6,40})"'
)


class _Claim(NamedTuple):
    raw: str
    method: str
    context: str
    label: Label | None


def phones(document: Document, country: str | None = None) -> list[Fact]:
    """Facts of kind ``phone``; ``detail`` is the contract's phone object. ``country``: where the business is thought to
    be. Method ``label``: a word beside the number says what it is; ``text``: only its form does.

    A number is a fax when the page calls it one and nowhere a phone. Numbers that templates are filled with (all digits
    alike or in a row) are left out; the 555-01xx of films stay, a page that shows one shows nothing better."""
    regions = Regions(document, country)
    found: dict[tuple[str, str], tuple[str, Number, str]] = {}
    said: dict[str, set[Label]] = {}
    for raw, number, method, context, label in _found(document, regions):
        key = number.e164, method
        if key not in found and len(found) < MAX_PER_PAGE:
            found[key] = raw, number, context
        if label is not None:
            said.setdefault(number.e164, set()).add(label)
    facts = []
    for (e164, method), (raw, number, context) in found.items():
        detail = {"raw": raw, **described(e164, number.valid)}
        if said.get(e164) == {Label.FAX}:
            detail["type"] = "fax"
        facts.append(Fact("phone", e164, method, context[:120], detail))
    return facts


def _found(document: Document, regions: Regions) -> Iterator[tuple[str, Number, str, str, Label | None]]:
    own_domain = shown_domain(document)
    marks = Marks(document)
    read = [*mentions(document.text, regions, own_domain, marks)]
    if not read and is_glued(document.text):
        read = [*mentions(document.pieces, regions, own_domain, marks)]
    own = {mention.number.e164 for mention in read if not mention.others}
    others = {mention.number.e164 for mention in read if mention.others} - own
    claims = _claims(document)
    if len(document.text) <= _LITTLE:
        claims = chain(claims, _application_state(document))
    for claim in islice(claims, _MAX_DECLARED):
        for raw, number in named_numbers(claim.raw, regions):
            if number.e164 not in others:
                yield raw, number, claim.method, claim.context, claim.label
    for mention in read:
        if not mention.others:
            yield mention.raw, mention.number, "label" if mention.label else "text", mention.context, mention.label


def _claims(document: Document) -> Iterator[_Claim]:
    for link in document.links:
        href = link.href
        if href[0] in _NO_SCHEME:
            continue
        start = href[:12].lstrip().lower()
        if start.startswith(_SCHEMES):
            yield from _dialled(href.strip(), start, link.text)
        elif ("wa.me/" in href or "whatsapp.com/" in href) and (match := _MESSENGER.search(href)):
            yield _Claim(f"+{unquote(match[1]).strip()}", "whatsapp", link.text[:120], None)
    yield from _structured(document)
    for name, label in _METAS:
        if value := document.metas.get(name):
            yield _Claim(value[:_MAX_LENGTH], "meta", name, label)


def _application_state(document: Document) -> Iterator[_Claim]:
    """What JavaScript applications are given to show."""
    sources = [text for text in document.states[:20] if "hone" in text or "fax" in text]
    if document.is_in_source(b"hone&quot;"):
        sources += [value.replace("&quot;", '"') for value in _PROPS.findall(document.html)[:50]]
    for text in sources:
        for match in islice(_STATE.finditer(text, 0, _MAX_STATE), _MAX_DECLARED):
            label = Label.FAX if "fax" in match[1].lower() else Label.PHONE
            yield _Claim(match[2], "state", match[0][:120], label)


def _dialled(href: str, start: str, text: str) -> Iterator[_Claim]:
    scheme, _, rest = href.partition(":")
    if "number=" in rest or "phone=" in rest:
        match = _MESSENGER.search(href)
        raw = f"+{unquote(match[1])}" if match else ""
    else:
        raw = unquote(rest).partition(";")[0].partition("?")[0].strip(" /")[:_MAX_LENGTH]
    if start.startswith("fax"):
        label: Label | None = Label.FAX
    else:
        label = label_before(text[:60]) if text else None
        label = label if label is Label.FAX else None
    if scheme.lower() in ("whatsapp", "viber"):
        yield _Claim(raw, "whatsapp" if scheme.lower() == "whatsapp" else "tel", text[:120], None)
        return
    if any(map(str.isalpha, raw)):
        return
    yield _Claim(raw, "tel", text[:120], label)


def _structured(document: Document) -> Iterator[_Claim]:
    for thing in document.json_ld:
        for key, label in (("telephone", Label.PHONE), ("phone", Label.PHONE), ("faxNumber", Label.FAX)):
            values = thing.get(key)
            if values is None:
                continue
            for value in values if isinstance(values, list) else [values]:
                if isinstance(value, str | int) and not isinstance(value, bool):
                    kind = str(thing.get("contactType") or "")
                    yield _Claim(
                        str(value).strip()[:_MAX_LENGTH],
                        "json-ld",
                        _name(thing),
                        Label.FAX if key == "telephone" and kind.lower() == "fax" else label,
                    )
    for name, value in document.microdata:
        if name in ("telephone", "faxNumber"):
            label = Label.FAX if name == "faxNumber" else Label.PHONE
            yield _Claim(value[:_MAX_LENGTH], "microdata", value[:120], label)


def _name(thing: Mapping[str, object]) -> str:
    name = thing.get("name")
    return name[:120] if isinstance(name, str) else ""
