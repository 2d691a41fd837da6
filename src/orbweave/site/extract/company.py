"""Facts about the company itself: structured data first, then what imprints and footers say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from orbweave.site.document import Document
from orbweave.site.extract import vat
from orbweave.site.extract.countries import likely_countries
from orbweave.site.extract.hours import opening_hours
from orbweave.site.extract.languages import languages
from orbweave.site.extract.structured import is_organization, text_of, types_of
from orbweave.site.extract.team import officers
from orbweave.site.extract.technologies import technologies
from orbweave.site.extract.words import company_words
from orbweave.site.facts import Fact, around
from orbweave.site.kinds import fold

# Of a company there is one of each, and of LISTS many.
FIELDS = (
    "name", "legal_name", "legal_form", "description", "industry", "founded", "employees", "vat_id", "vat_valid",
    "registration_number", "register_court", "managing_directors", "opening_hours", "price_range", "languages",
    "technologies",
)  # fmt: skip
LISTS = ("managing_directors", "languages", "technologies")

_MAX_TEXT = 100_000
_MAX_LINE = 600
_STRUCTURED = {
    "name": "name", "legalName": "legal_name", "description": "description", "foundingDate": "founded",
    "numberOfEmployees": "employees", "vatID": "vat_id", "priceRange": "price_range",
}  # fmt: skip
_PLAIN_TYPES = ("organization", "localbusiness", "corporation", "place", "thing", "onlinebusiness")
_LEGAL_PAGES = ("imprint", "contact", "about", "terms", "privacy", "team")

# Numbers whose shape says what they are.
_REGISTERED = re.compile(
    r"\bHR[AB] ?\d{2,7}(?: ?[A-Z]{1,2}\b)?|(?<![/\w])(?:GnR|VR|PR) ?\d{2,6}\b(?![.\d])|FL-?\d{4}\.\d{3}\.\d{3}-\d|"
    r"\bFN ?\d{4,6} ?[a-z]\b|\bCH-\d{3}\.\d\.\d{3}\.\d{3}-\d|\b[JFC]\d{2}/\d{1,6}/\d{4}|\b(?:OC|SC|NI|SO)\d{6}\b|"
    r"\b\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}\b"
)
# Unmistakable without a word beside them, if their check digits are right.
_VAT_ALONE = re.compile(r"(?<!\w)(?:CHE[- ]?\d{3}\.?\d{3}\.?\d{3}|ATU ?\d{8}|DE ?\d{9})(?![\d\w])")
_BELGIAN = re.compile(r"(?<![\w.])[01]\d{3}\.\d{3}\.\d{3}(?![\w.])")
_FRENCH_COURT = re.compile(
    r"\bR\.?C\.?S\.?(?: de| d['’])? ?([A-ZÉÈ][\w'’ -]{1,30}?)[ :]{1,3}(?:sous le n°? ?|n° ?|[ABCD] )?"
    r"(\d{3} ?\d{3} ?\d{3})\b"
)
_VALUE = re.compile(
    r"(?:[A-Z]{1,5}[ -]?)?[A-Z]?\d[\dA-Z+*]*"
    r"(?:(?: |[.\-/](?=[\dA-Z]))(?:\d[\dA-Z]*|B\d\d(?!\w)|[A-Z]{1,2}(?!\w)|MWST|TVA|IVA|MVA))*"
)
_SKIPPED = re.compile(
    r"[\s:.#№º°=|,()–-]{0,4}(?:(?:n[o°ºr]\.?|num(?:ber|mer|ero)?|nr\.?|no\.?|№|:)[\s:.–-]{0,3}){0,2}", re.IGNORECASE
)
_TO_COLON = re.compile(r"[^:\n]{0,70}:\s{0,3}")
_TITLE_PARTS = r"\s[|–—·•»-]\s|[|»]|: "
_NOT_WORD = re.compile(r"[^\w\u0300-\u036f\u0900-\u0d7f]+")
_YEAR = re.compile(r"\b(1[6-9]\d\d|20[0-4]\d)\b")
_FOUNDED = re.compile(
    r"(?<!\w)(?:since|established(?: in)?|est\.|founded(?: in)?|seit|gegründet(?: im Jahre?)?|gegr\.|depuis|fondée? en|"
    r"créée? en|"
    r"dal|fondat[ao] nel|nasce nel|desde|fundad[ao] en|fundad[ao] em|sinds|opgericht in|sedan|grundat|siden|grundlagt|"
    r"vuodesta|perustettu|od roku|založen[ao]?|od|alapítva|od leta|din|fondat[ăa]? în|από το|ιδρύθηκε το|"
    r"основан[аоы]? в|с|з|от|kuruluş(?: yılı)?|创立于|成立于|創業|設立|설립)\s{0,2}[:：]?\s{0,2}(1[89]\d\d|20[0-2]\d)",
    re.IGNORECASE,
)
_AROUND_FORMS = ".;:()[]„“”«»\"'’"
_EDGES = " \t,.;:|·•–—-©®*„“”\"'»«()[]"
_CUT_BEFORE = re.compile(r"[|·•©®:;!?»„“\t]|\s[–—-]\s|(?<=[^\W\d_]{3})\.\s|\b(?:19|20)\d\d\b|,\s")
_CONNECTORS = frozenset(
    {
        "&",
        "+",
        "und",
        "and",
        "et",
        "e",
        "y",
        "i",
        "és",
        "en",
        "og",
        "och",
        "ja",
        "si",
        "și",
        "ve",
        "de",
        "des",
        "du",
        "la",
    }
    | {"le", "les", "los", "del", "della", "di", "da", "do", "dos", "van", "von", "of", "the", "für", "mit", "a"}
)
_NEXT_SENTENCE = re.compile(r" [A-ZÄÖÜÉ][a-zäöüé]+ ")
_SHORT_LINE, _SHORT_FORM = 80, 2
_QUOTED_END = re.compile(r"[„“«\"][^„“«\"»”\n]{2,60}[“”»\"]\Z")
_QUOTED = re.compile(r"[„“«\"»'”‘]([^„“«\"»'”‘\n]{2,60})[“”»\"«'’]")


class _Found(NamedTuple):
    field: str
    value: str
    method: str
    context: str = ""


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


def _candidates(document: Document, kind: str | None, site: str) -> Iterator[_Found]:
    yield from _structured(document)
    yield from _said_by_metas(document)
    if name := _name_in_title(document.title, site):
        yield _Found("name", name, "title")
    for field, values in (("languages", languages(document)), ("technologies", technologies(document))):
        yield from (_Found(field, value, "markup") for value in values)
    text = document.text[:_MAX_TEXT]
    lines = text.split("\n")
    yield from _numbers(document, lines)
    names = (text_of(thing.get("name"), 100) for thing in document.json_ld if is_organization(thing))
    told = (*names, *re.split(_TITLE_PARTS, document.title), document.metas.get("og:site_name", ""))
    if named := _legal_name([*lines, *filter(None, told)], document, kind, site):
        name, form, context = named
        yield _Found("legal_name", name, "text", context)
        if form:
            yield _Found("legal_form", form, "text", context)
    if match := _courts().search(text):
        line = text[match.start() : match.end() + 60].partition("\n")[0]
        yield _Found("register_court", _court(line), "text", around(text, match.start(), match.end()))
    for title, name, context in officers(text) if kind in _LEGAL_PAGES else ():
        if title is not None:
            yield _Found("managing_directors", name, "text", context)
    if kind in (None, "about", "contact", "imprint") and (match := _FOUNDED.search(text)):
        yield _Found("founded", match[1], "text", around(text, match.start(), match.end()))
    if hours := opening_hours(document):
        yield _Found("opening_hours", hours, "text")


def _structured(document: Document) -> Iterator[_Found]:
    for thing in document.json_ld:
        if not is_organization(thing):
            continue
        for name, field in _STRUCTURED.items():
            if value := text_of(thing.get(name), 500):
                yield _Found(field, _year(value) if field == "founded" else value, "json-ld")
        numbers = (text_of(thing.get(name), 40) for name in ("taxID", "leiCode", "iso6523Code", "identifier"))
        yield from islice(
            (_Found("registration_number", one, "json-ld") for one in numbers if one and re.search(r"\d{4}", one)), 1
        )
        for founder in _each(thing.get("founder")):
            if person := text_of(founder, 80):
                yield _Found("managing_directors", person, "json-ld")
        specific = (name for name in types_of(thing) if name not in _PLAIN_TYPES)
        industry = text_of(thing.get("industry")) or next(specific, None)
        if industry is not None:
            yield _Found("industry", industry, "json-ld")
    for name, value in document.microdata:
        known = _STRUCTURED.get(name)
        if known and known not in ("name", "description") and value:
            yield _Found(known, value, "microdata")


def _name_in_title(title: str, site: str) -> str | None:
    """The part of a page's title that its domain is made of."""
    domain = _squeezed(site.partition(".")[0])
    for part in re.split(_TITLE_PARTS, title):
        squeezed = _squeezed(part)
        if (
            len(squeezed) > 3
            and 2 * len(squeezed) >= len(domain) > 3
            and (squeezed in domain or domain in squeezed)
            and len(part) <= 60
        ):
            return part.strip()
    return None


def _each(value: Any) -> Iterable[Any]:
    return value[:10] if isinstance(value, list) else [value]


def _year(text: str) -> str:
    match = _YEAR.search(text)
    return match[1] if match else text


def _said_by_metas(document: Document) -> Iterator[_Found]:
    if value := document.metas.get("og:site_name", "").strip():
        yield _Found("name", value[:200], "meta")
    if value := " ".join((document.metas.get("description") or document.metas.get("og:description") or "").split()):
        yield _Found("description", value[:500], "meta")


# Numbers


class _Label(NamedTuple):
    field: str
    country: str
    rank: int


def _numbers(document: Document, lines: list[str]) -> Iterator[_Found]:
    countries = likely_countries(document)
    best: dict[str, tuple[tuple[int, int], _Found]] = {}

    def note(rank: int, found: _Found) -> None:
        place = (rank, len(best))
        if found.field not in best or place < best[found.field][0]:
            best[found.field] = place, found

    for index, line in enumerate(lines):
        if len(line) > 4 * _MAX_LINE:
            continue
        following = lines[index + 1] if index + 1 < len(lines) else ""
        digits = sum(map(str.isdigit, line))
        if digits < 4 and sum(map(str.isdigit, following[:40])) < 4:
            continue
        for match in _VAT_ALONE.finditer(line):
            if (number := vat.compact(match[0])) and vat.is_valid(number):
                note(1, _Found("vat_id", number, "text", around(line, match.start(), match.end())))
        if "R" in line and (court := _FRENCH_COURT.search(line)):
            note(0, _Found("registration_number", court[2], "text", around(line, court.start(), court.end())))
            town = re.split(r" (?:sous|n[°o])", court[1], maxsplit=1)[0]
            yield _Found("register_court", f"RCS {town}", "text", around(line, court.start(), court.end()))
        for match in _BELGIAN.finditer(line) if "BE" in countries[:2] else ():
            note(0, _Found("registration_number", match[0], "text", around(line, match.start(), match.end())))
        for match in _REGISTERED.finditer(line) if digits >= 4 else ():
            note(0, _Found("registration_number", match[0], "text", around(line, match.start(), match.end())))
        for match in _labels().finditer(line) if _has_label(line) else ():
            label = _meaning(match[0])
            for value in _values(line, match.end(), following):
                context = around(line, match.start(), match.end())
                if label.field == "vat_id":
                    number, valid = _vat_number(value, label.country, countries)
                    if number:
                        rank = 2 if valid is None else 3 if not valid else int(value[:2] != number[:2])
                        note(rank, _Found("vat_id", number, "text", context))
                        break
                elif number := _registration(value):
                    note(1 + label.rank, _Found("registration_number", number, "text", context))
                    break
    for _, found in best.values():
        yield found


def _values(line: str, start: int, following: str) -> Iterator[str]:
    """What stands behind a label: at once, behind a colon, or on the next line."""
    match = _SKIPPED.match(line, start)
    at = match.end() if match else start
    if value := _VALUE.match(line, at):
        yield value[0]
        return
    if colon := _TO_COLON.match(line, start):
        if value := _VALUE.match(line, colon.end()):
            yield value[0]
            return
        at = colon.end()
    if not line[at:].strip(" .:-") and (value := _VALUE.match(following)):
        yield value[0]


def _vat_number(written: str, country: str, countries: tuple[str, ...]) -> tuple[str | None, bool | None]:
    """The number that ``written`` begins with, and whether its check digits are right."""
    words = written.split(" ")
    second: str | None = None
    for size in range(len(words), 0, -1):
        part = " ".join(words[:size])
        for guess in dict.fromkeys((*countries[:2], country) if country not in countries[:3] else (country,)):
            number = vat.compact(part, guess or None)
            if number and vat.is_valid(number):
                return number, True
            second = second or number
    if second is not None:
        return second, False
    bare = re.sub(r"[\s.\-/]", "", written)
    if country and country not in vat.SHAPES and 7 <= len(bare) <= 16:
        return bare, None
    return None, None


def _registration(written: str) -> str | None:
    words = written.split(" ")
    kept = [word for place, word in enumerate(words) if any(map(str.isdigit, word)) or place == 0 or len(word) == 1]
    number = " ".join(words[: len(kept)] if words[: len(kept)] == kept else kept).strip(" .-/")
    return number if 5 <= sum(map(str.isdigit, number)) <= 22 else None


@lru_cache(maxsize=1)
def _meanings() -> dict[str, _Label]:
    words = company_words()
    found: dict[str, _Label] = {}
    for country, labels in words["vat_labels"].items():
        for label in labels:
            found.setdefault(_squeezed(label), _Label("vat_id", country, 0))
    for rank, label in enumerate(words["register_labels"]):
        found.setdefault(_squeezed(label), _Label("registration_number", "", rank))
    return found


def _meaning(matched: str) -> _Label:
    return _meanings()[_squeezed(matched)]


def _squeezed(text: str) -> str:
    return "".join(re.findall(r"\w", fold(text)))


def _has_label(line: str) -> bool:
    firsts, unspaced = _label_words()
    folded = fold(line)
    return not firsts.isdisjoint(_NOT_WORD.split(folded)) or (
        not line.isascii() and any(one in folded for one in unspaced)
    )


@lru_cache(maxsize=1)
def _label_words() -> tuple[frozenset[str], tuple[str, ...]]:
    """The first words of labels; and labels of scripts without spaces."""
    words = company_words()
    labels = {fold(label) for group in words["vat_labels"].values() for label in group}
    labels |= set(map(fold, words["register_labels"]))
    unspaced = tuple(one for one in labels if re.search(r"[\u0e00-\u0eff\u3040-\u9fff\uac00-\ud7a3]", one))
    return frozenset(_NOT_WORD.split(one)[0] for one in labels), unspaced


@lru_cache(maxsize=1)
def _labels() -> re.Pattern[str]:
    words = company_words()
    labels = {label for group in words["vat_labels"].values() for label in group} | set(words["register_labels"])
    spellings = {fold(label) for label in labels} | {label.casefold() for label in labels}
    patterns = sorted(
        (r"[\s.\-/’']{0,3}".join(map(re.escape, spelt.split())) for spelt in spellings), key=len, reverse=True
    )
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(patterns)})(?![^\W\d_])", re.IGNORECASE)


# The legal name


def _legal_name(lines: list[str], document: Document, kind: str | None, site: str) -> tuple[str, str, str] | None:
    """(name with its form, form, line)"""
    akin = {word for word in re.split(r"\W+", fold(f"{site.partition('.')[0]} {document.title}")) if len(word) > 2}
    domain = re.sub(r"\W", "", site.partition(".")[0])
    countries = likely_countries(document)[:3]
    best: tuple[int, str, str, str] | None = None
    for index, line in enumerate(lines):
        if len(line) > 4 * _MAX_LINE:
            continue
        for name, form in (*_names_in(line), *_named_by_label(line)):
            folded = fold(name)
            words = _long_words(folded)
            if _is_vendor(words) or not _is_usual(form, countries):
                continue
            score = 3 * any(word in akin or (len(word) > 3 and word in domain) for word in words)
            score += 2 * line.startswith(name[:4]) + (line.strip(_EDGES) == name.strip(_EDGES))
            score += 3 * (not form) + (index > 0 and _is_name_label(lines[index - 1]))
            if score < (3 if kind in ("privacy", "terms") else 0 if kind in _LEGAL_PAGES else 2):
                continue
            if best is None or score > best[0]:
                best = score, name, form, line
    return best[1:] if best else None


def _names_in(line: str) -> Iterator[tuple[str, str]]:
    """(name with its legal form, form)"""
    if not _has_form(line):
        return
    for match in _forms().finditer(line):
        name = _before(line, match.start())
        if name and not _is_vendor(_long_words(fold(line[max(0, match.start() - 50) : match.start()]))):
            # The full stop of a sentence is not that of the form.
            form = match[0][:-1] if match[0][-1] == "." and _NEXT_SENTENCE.match(line, match.end()) else match[0]
            yield f"{name}{_gap(line, match.start())}{form}", form
    for match in _forms_before().finditer(line):
        if name := _behind(line, match.end()):
            space = " " if line[match.end() : match.end() + 1] == " " else ""
            yield f"{match[0]}{space}{name}", match[0]


def _named_by_label(line: str) -> Iterator[tuple[str, str]]:
    """ "상호 : 모모공방", "Ragione sociale: Rossi" """
    label, colon, rest = line.replace("：", ":", 1).partition(":")
    if colon and _is_name_label(label):
        name = re.split(r"\s\S{1,12}\s?:|[|;]", rest.strip(), maxsplit=1)[0].strip(" ,")
        if 1 < len(name) <= 80 and not any(True for _ in _names_in(name)):
            yield name, ""


def _long_words(folded: str) -> list[str]:
    return [word for word in re.split(r"\W+", folded) if len(word) > 2]


def _gap(line: str, at: int) -> str:
    return line[len(line[:at].rstrip(" ,")) : at]


def _before(line: str, at: int) -> str | None:
    """The name that ends before a legal form."""
    left = line[:at].rstrip(" ,")
    if quoted := _QUOTED_END.search(left):
        return quoted[0]
    start = 0
    for cut in _CUT_BEFORE.finditer(left):
        if cut.end() < len(left):
            start = cut.end()
    words = left[start:].split()
    kept: list[str] = []
    for word in reversed(words):
        letter = word.lstrip("\"'„“«(")[:1]
        if not (
            letter.isupper()
            or letter.isdigit()
            or word.casefold() in _CONNECTORS
            or (letter and letter.lower() == letter.upper())
        ):
            break
        kept.append(word)
    while kept and kept[-1].casefold() in _CONNECTORS:
        kept.pop()
    if len(words) <= 5 and (not kept or len(line) <= _SHORT_LINE):
        kept = words[::-1]
    name = " ".join(reversed(kept[:9])).strip(" ,;:|·•–—-©")
    return name if len(name) > 1 and not name.isdigit() else None


def _behind(line: str, at: int) -> str | None:
    """The name that begins behind a legal form."""
    right = line[at : at + 90].lstrip(" ")
    quoted = _QUOTED.match(right)
    if quoted:
        return quoted[0]
    part = re.split(r"[|·•;:(（\t]|,|\s[–—-]\s|\s{2}|(?<=\w{3})\.\s", right, maxsplit=1)[0]
    words: list[str] = []
    for word in part.split():
        letter = word[:1]
        if not (
            letter.isupper() or letter.isdigit() or word.casefold() in _CONNECTORS or letter.lower() == letter.upper()
        ):
            break
        words.append(word)
    while words and words[-1].casefold() in _CONNECTORS:
        words.pop()
    name = " ".join(words[:9]).strip(" ,;|")
    return name if len(name) > 1 and any(map(str.isalpha, name)) else None


def _is_usual(form: str, countries: tuple[str, ...]) -> bool:
    """Short forms are also words, states and initials elsewhere: "Murray Bridge SA"."""
    bare = form.replace(".", "")
    return len(bare) > _SHORT_FORM or not bare.isupper() or not countries or bool(_form_countries(form) & {*countries})


@lru_cache(maxsize=1_024)
def _form_countries(form: str) -> frozenset[str]:
    words = company_words()
    groups = (*words["legal_forms"].items(), *words["legal_forms_before"].items())
    return frozenset(country for country, forms in groups if form in forms)


def _is_vendor(words: list[str]) -> bool:
    return any(word in _vendors() for word in words)


@lru_cache(maxsize=1)
def _vendors() -> frozenset[str]:
    return frozenset(company_words()["vendors"])


def _is_name_label(line: str) -> bool:
    return line.strip(" :：").casefold() in _name_labels()


@lru_cache(maxsize=1)
def _name_labels() -> frozenset[str]:
    return frozenset(company_words()["name_labels"])


def _alternatives(forms: Mapping[str, list[str]]) -> list[str]:
    """Longest first; in languages with spaces only as words of their own."""
    every = sorted({form for group in forms.values() for form in group}, key=len, reverse=True)
    return [
        rf"{re.escape(form)}(?!\w)" if form.isascii() or form[0].isupper() or " " in form else re.escape(form)
        for form in every
    ]


def _has_form(line: str) -> bool:
    """A cheap look for what would make looking for legal forms worth while."""
    words, unspaced = _form_words()
    if not words.isdisjoint([word.strip(_AROUND_FORMS) for word in line.replace(",", " ").split()]):
        return True
    return not line.isascii() and any(form in line for form in unspaced)


@lru_cache(maxsize=1)
def _form_words() -> tuple[frozenset[str], tuple[str, ...]]:
    """The first words of legal forms; and those written without spaces."""
    words = company_words()
    forms = {form for name in ("legal_forms", "legal_forms_before") for group in words[name].values() for form in group}
    unspaced = tuple(form for form in forms if re.search(r"[\u0e00-\u9fff\uac00-\ud7a3㈜]", form))
    return frozenset(form.split()[0].strip(_AROUND_FORMS) for form in forms), unspaced


@lru_cache(maxsize=1)
def _forms() -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?<=[\s,])|(?<=[\u3040-\u9fff\uac00-\ud7a3])|(?<=[“”»\"]))(?:{'|'.join(_alternatives(company_words()['legal_forms']))})"
    )


@lru_cache(maxsize=1)
def _forms_before() -> re.Pattern[str]:
    forms = company_words()["legal_forms_before"]
    return re.compile(rf"(?<![\w.])(?:{'|'.join(_alternatives(forms))})(?=[\s„“«\"'\u3040-\u9fff\uac00-\ud7a3])")


# The register


@lru_cache(maxsize=1)
def _courts() -> re.Pattern[str]:
    words = sorted(company_words()["courts"], key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


def _court(line: str) -> str:
    """ "Amtsgericht München" of "Amtsgericht München, HRB 1234"."""
    label, _, rest = line.partition(":")
    line = rest.strip() or label
    return re.split(r"[,;|(\d]|\s(?:HR[AB]|unter|sous|pod|al n)", line, maxsplit=1)[0].strip(" .:-–")[:80]
