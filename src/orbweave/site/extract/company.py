"""Facts about the company itself: structured data first, then what imprints and footers say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from orbweave.site.document import Document
from orbweave.site.extract import vat
from orbweave.site.extract.firm_names import legal_name
from orbweave.site.extract.hours import opening_hours
from orbweave.site.extract.languages import languages
from orbweave.site.extract.registers import court, registered
from orbweave.site.extract.structured import is_organization, text_of, types_of
from orbweave.site.extract.team import officers
from orbweave.site.extract.technologies import technologies
from orbweave.site.extract.words import LEGAL_PAGES, Finding, squeezed
from orbweave.site.facts import Fact, around

# Of a company there is one of each, and of LISTS many.
FIELDS = (
    "name", "legal_name", "legal_form", "description", "industry", "founded", "employees", "vat_id", "vat_valid",
    "registration_number", "register_court", "managing_directors", "opening_hours", "price_range", "languages",
    "technologies",
)  # fmt: skip
LISTS = ("managing_directors", "languages", "technologies")

_MAX_TEXT = 100_000
_STRUCTURED = {
    "name": "name", "legalName": "legal_name", "description": "description", "foundingDate": "founded",
    "numberOfEmployees": "employees", "vatID": "vat_id", "priceRange": "price_range",
}  # fmt: skip
_PLAIN_TYPES = ("organization", "localbusiness", "corporation", "place", "thing", "onlinebusiness")

_TITLE_PARTS = r"\s[|–—·•»-]\s|[|»]|: "
_YEAR = re.compile(r"\b(1[6-9]\d\d|20[0-4]\d)\b")
_FOUNDED = re.compile(
    r"(?<!\w)(?:since|established(?: in)?|est\.|founded(?: in)?|seit|gegründet(?: im Jahre?)?|gegr\.|depuis|fondée? en|"
    r"créée? en|"
    r"dal|fondat[ao] nel|nasce nel|desde|fundad[ao] en|fundad[ao] em|sinds|opgericht in|sedan|grundat|siden|grundlagt|"
    r"vuodesta|perustettu|od roku|založen[ao]?|od|alapítva|od leta|din|fondat[ăa]? în|από το|ιδρύθηκε το|"
    r"основан[аоы]? в|с|з|от|kuruluş(?: yılı)?|创立于|成立于|創業|設立|설립)\s{0,2}[:：]?\s{0,2}(1[89]\d\d|20[0-2]\d)",
    re.IGNORECASE,
)


def company(document: Document, kind: str | None = None, site: str = "") -> list[Fact]:
    """Facts of kind ``company``; ``detail["field"]`` is one of FIELDS. ``kind`` is the kind of the page, ``site`` the
    registrable domain crawled: names akin to it are the owner's, not a service provider's."""
    facts: dict[tuple[str, str], Fact] = {}
    for field, value, method, context in _candidates(document, kind, site):
        key = (field, value if field in LISTS else method)
        facts.setdefault(key, Fact("company", value, method, context[:120], {"field": field}))
    return list(facts.values())


def vitals(facts: Iterable[Fact]) -> dict[str, Any]:
    """One company of all ``facts`` about it, surest first: of what two pages say with the same certainty, what more
    pages say. ``vat_valid``: are the check digits right? None where there are none to check."""
    votes: dict[str, dict[str, Counter[str]]] = {}
    for fact in facts:
        votes.setdefault(fact.detail["field"], {}).setdefault(fact.method, Counter())[fact.value] += 1
    found: dict[str, Any] = {
        name: next((by_value.most_common(1)[0][0] for by_value in votes.get(name, {}).values()), None)
        for name in FIELDS
        if name not in LISTS
    }
    for name in LISTS:
        found[name] = list(dict.fromkeys(value for by_value in votes.get(name, {}).values() for value in by_value))
    number = vat.compact(found["vat_id"] or "")
    found["vat_valid"] = vat.is_valid(number) if number is not None else None
    return {name: found[name] for name in FIELDS}


def stated(company: Mapping[str, Any] | None) -> set[str]:
    """The values of ``company`` that a reader would want to see the source of."""
    if company is None:
        return set()
    told = (value for name, value in company.items() if name not in ("languages", "technologies", "vat_valid"))
    return {one for value in told if value for one in (value if isinstance(value, list) else [value])}


def _candidates(document: Document, kind: str | None, site: str) -> Iterator[Finding]:
    yield from _structured(document)
    yield from _said_by_metas(document)
    if name := _name_in_title(document.title, site):
        yield Finding("name", name, "title")
    for field, values in (("languages", languages(document)), ("technologies", technologies(document))):
        yield from (Finding(field, value, "markup") for value in values)
    text = document.text[:_MAX_TEXT]
    lines = text.split("\n")
    yield from registered(document, lines)
    names = (text_of(thing.get("name"), 100) for thing in document.json_ld if is_organization(thing))
    told = (*names, *re.split(_TITLE_PARTS, document.title), document.metas.get("og:site_name", ""))
    if named := legal_name([*lines, *filter(None, told)], document, kind, site):
        name, form, context = named
        yield Finding("legal_name", name, "text", context)
        if form:
            yield Finding("legal_form", form, "text", context)
    if kept := court(text):
        yield kept
    for title, name, context in officers(text) if kind in LEGAL_PAGES else ():
        if title is not None:
            yield Finding("managing_directors", name, "text", context)
    if kind in (None, "about", "contact", "imprint") and (match := _FOUNDED.search(text)):
        yield Finding("founded", match[1], "text", around(text, match.start(), match.end()))
    if hours := opening_hours(document):
        yield Finding("opening_hours", hours, "text")


def _structured(document: Document) -> Iterator[Finding]:
    for thing in document.json_ld:
        if not is_organization(thing):
            continue
        for name, field in _STRUCTURED.items():
            if value := text_of(thing.get(name), 500):
                yield Finding(field, _year(value) if field == "founded" else value, "json-ld")
        numbers = (text_of(thing.get(name), 40) for name in ("taxID", "leiCode", "iso6523Code", "identifier"))
        yield from islice(
            (Finding("registration_number", one, "json-ld") for one in numbers if one and re.search(r"\d{4}", one)), 1
        )
        for founder in _each(thing.get("founder")):
            if person := text_of(founder, 80):
                yield Finding("managing_directors", person, "json-ld")
        specific = (name for name in types_of(thing) if name not in _PLAIN_TYPES)
        industry = text_of(thing.get("industry")) or next(specific, None)
        if industry is not None:
            yield Finding("industry", industry, "json-ld")
    for name, value in document.microdata:
        known = _STRUCTURED.get(name)
        if known and known not in ("name", "description") and value:
            yield Finding(known, value, "microdata")


def _name_in_title(title: str, site: str) -> str | None:
    """The part of a page's title that its domain is made of."""
    domain = squeezed(site.partition(".")[0])
    for part in re.split(_TITLE_PARTS, title):
        words = squeezed(part)
        if (
            len(words) > 3
            and 2 * len(words) >= len(domain) > 3
            and (words in domain or domain in words)
            and len(part) <= 60
        ):
            return part.strip()
    return None


def _each(value: Any) -> Iterable[Any]:
    return value[:10] if isinstance(value, list) else [value]


def _year(text: str) -> str:
    match = _YEAR.search(text)
    return match[1] if match else text


def _said_by_metas(document: Document) -> Iterator[Finding]:
    if value := document.metas.get("og:site_name", "").strip():
        yield Finding("name", value[:200], "meta")
    if value := " ".join((document.metas.get("description") or document.metas.get("og:description") or "").split()):
        yield Finding("description", value[:500], "meta")
