"""Facts about the company itself: structured data first, then what imprints say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from orbweave.site.document import Document
from orbweave.site.extract.structured import is_organization, text_of, types_of
from orbweave.site.facts import Fact, around

FIELDS = (
    "name", "legal_name", "description", "industry", "founded", "employees", "vat_id", "registration_number",
    "opening_hours", "price_range",
)  # fmt: skip

_JSON_LD = {
    "name": "name", "legalName": "legal_name", "description": "description", "foundingDate": "founded",
    "numberOfEmployees": "employees", "vatID": "vat_id", "priceRange": "price_range",
}  # fmt: skip
_VAT = re.compile(
    r"(?:ust\.?-?\s?id|uid|vat|mwst|tva|btw|p\.? ?iva|partita iva|iva|nip|dič|ico)[^\n:]{0,24}[:.\s]\s?"
    r"((?:CHE-?\s?\d{3}\.?\d{3}\.?\d{3}|ATU\s?\d{8}|[A-Z]{2}\s?[A-Z0-9]{2}[A-Z0-9 .]{6,12}\d|\d{10,11}))(?!\w)",
    re.IGNORECASE,
)
_REGISTER = re.compile(
    r"\b(HR[AB]\s?\d{2,7}(?: ?[A-Z]{1,2}\b)?|FL-\d{4}\.\d{3}\.\d{3}-\d|FN\s?\d{4,6}\s?[a-z]\b|"
    r"CH-\d{3}\.\d\.\d{3}\.\d{3}-\d)"
)
_LEGAL_FORM = re.compile(
    r"(?m)^(.{2,70}?\b(?:GmbH(?: & Co\. ?KG)?|AG|KG|OHG|UG|e\. ?K\.|Est\.|Anstalt|Ltd\.?|Limited|LLC|Inc\.?|PLC|"
    r"S\.?A\.?R\.?L\.?|SAS|S\.A\.|S\.?r\.?l\.?|S\.?p\.?A\.?|S\.?L\.?U?\.?|B\.V\.|N\.V\.|ApS|A/S|AB|Oy|sp\. z o\.o\.|"
    r"s\.r\.o\.|d\.o\.o\.|Kft\.|Zrt\.))(?=[\s,.)]|$)"
)


_LEGAL_PAGES = ("imprint", "contact", "about", "terms", "privacy")


def _says_who(document: Document) -> bool:
    """A cheap look for what would make the patterns below worth running."""
    return any(
        word in document.text for word in ("UID", "USt", "VAT", "TVA", "MWST", "IVA", "BTW", "HRB", "FL-00", "FN ")
    )


def company(document: Document, kind: str | None = None) -> list[Fact]:
    """Facts of kind ``company``; ``detail["field"]`` is one of FIELDS. ``kind`` is the kind of the page."""
    found: dict[tuple[str, str], Fact] = {}
    for field, value, method, context in _candidates(document, kind):
        found.setdefault((field, method), Fact("company", value, method, context, {"field": field}))
    return list(found.values())


def _candidates(document: Document, kind: str | None) -> Iterator[tuple[str, str, str, str]]:
    for thing in document.json_ld:
        if not is_organization(thing):
            continue
        for name, field in _JSON_LD.items():
            if value := text_of(thing.get(name), 500):
                yield field, value, "json-ld", ""
        hours = thing.get("openingHours")
        if (
            value := ", ".join(hours)
            if isinstance(hours, list) and all(isinstance(hour, str) for hour in hours)
            else text_of(hours)
        ):
            yield "opening_hours", value[:500], "json-ld", ""
        specific = [name for name in types_of(thing) if name not in ("organization", "localbusiness", "corporation")]
        if specific:
            yield "industry", specific[0], "json-ld", ""
    if value := document.metas.get("og:site_name", "").strip():
        yield "name", value[:200], "meta", ""
    if value := " ".join((document.metas.get("description") or document.metas.get("og:description") or "").split()):
        yield "description", value[:500], "meta", ""
    text = document.text if kind in _LEGAL_PAGES or _says_who(document) else ""
    if match := _VAT.search(text):
        yield "vat_id", " ".join(match[1].split()).upper(), "text", around(text, match.start(), match.end())
    if match := _REGISTER.search(text):
        yield "registration_number", match[1], "text", around(text, match.start(), match.end())
    if kind in ("imprint", "contact") and (match := _LEGAL_FORM.search(text)):
        yield "legal_name", match[1].strip(" ,.-–|"), "text", around(text, match.start(), match.end())
