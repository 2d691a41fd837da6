"""The legal names of businesses: names with a legal form, and what stands behind "company name:". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from orbweave.site.document import Document
from orbweave.site.extract.countries import likely_countries
from orbweave.site.extract.words import LEGAL_PAGES, company_words
from orbweave.site.kinds import fold

_MAX_LINE = 2_400
_AROUND_FORMS = ".;:()[]„“”«»\"'’"
_EDGES = " \t,.;:|·•–—-©®*„“”\"'»«()[]"
_CUT_BEFORE = re.compile(
    r"[|·•©®:;!?»„“\t]|\s[–—-]\s|(?<=[^\W\d_]{3})(?<!Agr)(?<!Soc)(?<!Gebr)\.\s|\b(?:19|20)\d\d\b|,\s"
)
_NEXT_SENTENCE = re.compile(r" [A-ZÄÖÜÉ][a-zäöüé]+ ")
_SHORT_LINE, _SHORT_FORM = 80, 2
_QUOTED_END = re.compile(r"[„“«\"][^„“«\"»”\n]{2,60}[“”»\"]\Z")
# "P.P.H.U. „Stalmax” Sp. z o.o."
_ABBREVIATED = re.compile(r"(?<!\w)(?:[A-ZĄĆĘŁŃÓŚŹŻ]\.? ?){2,6}\Z")
# "Rossi S.n.c. di Rossi Mario & C."
_PARTNERS = re.compile(
    r" d(?:i|ei|ella) (?:(?!(?:Via|Viale|Piazza|Corso|Tel|Sede|Loc|P\.)\b)[A-ZÀ-Ý][\w.'’]* ?|(?:e|ed|&) (?!C\b)){1,7}"
    r"(?:(?:&|e) (?:C\.?|Figli|F\.lli|Soci)(?!\w))?"
)
_PARTNERSHIPS = ("snc", "sas", "ss")
_QUOTED = re.compile(r"[„“«\"»'”‘]([^„“«\"»'”‘\n]{2,60})[“”»\"«'’]")


class LegalName(NamedTuple):
    """``name`` with its ``form`` ("" when none was seen), and the line it was in."""

    name: str
    form: str
    line: str


def legal_name(lines: list[str], document: Document, kind: str | None, site: str) -> LegalName | None:
    """The likeliest legal name in ``lines`` of a page of ``kind`` of ``site``."""
    akin = {word for word in re.split(r"\W+", fold(f"{site.partition('.')[0]} {document.title}")) if len(word) > 2}
    domain = re.sub(r"\W", "", site.partition(".")[0])
    countries = likely_countries(document)[:3]
    best: tuple[int, str, str, str] | None = None
    for index, line in enumerate(lines):
        if len(line) > _MAX_LINE:
            continue
        for name, form in (*_names_in(line), *_named_by_label(line)):
            folded = fold(name)
            words = _long_words(folded)
            if _is_vendor(words) or not _is_usual(form, countries):
                continue
            score = 3 * any(word in akin or (len(word) > 3 and word in domain) for word in words)
            score += 2 * line.startswith(name[:4]) + (line.strip(_EDGES) == name.strip(_EDGES))
            score += 3 * (not form) + (index > 0 and _is_name_label(lines[index - 1]))
            if score < (3 if kind in ("privacy", "terms") else 0 if kind in LEGAL_PAGES else 2):
                continue
            if best is None or score > best[0]:
                best = score, name, form, line
    return LegalName(*best[1:]) if best else None


def _names_in(line: str) -> Iterator[tuple[str, str]]:
    """(name with its legal form, form)"""
    if not _has_form(line):
        return
    for match in _forms().finditer(line):
        name = _before(line, match.start())
        if name and not _is_vendor(_long_words(fold(line[max(0, match.start() - 50) : match.start()]))):
            # The full stop of a sentence is not that of the form.
            form = match[0][:-1] if match[0][-1] == "." and _NEXT_SENTENCE.match(line, match.end()) else match[0]
            partners = _PARTNERS.match(line, match.end()) if _is_partnership(form) else None
            rest = partners[0].rstrip(" ,") if partners else ""
            yield f"{name}{_gap(line, match.start())}{form}{rest}", form
    for match in _forms_before().finditer(line):
        if name := _behind(line, match.end()):
            space = " " if line[match.end() : match.end() + 1] == " " else ""
            yield f"{match[0]}{space}{name}", match[0]


def _is_partnership(form: str) -> bool:
    return form.replace(".", "").lower() in _PARTNERSHIPS


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
        abbreviated = _ABBREVIATED.search(left, 0, quoted.start())
        return left[abbreviated.start() if abbreviated else quoted.start() :]
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
            or word.casefold() in _connectors()
            or (letter and letter.lower() == letter.upper())
        ):
            break
        kept.append(word)
    while kept and kept[-1].casefold() in _connectors():
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
            letter.isupper() or letter.isdigit() or word.casefold() in _connectors() or letter.lower() == letter.upper()
        ):
            break
        words.append(word)
    while words and words[-1].casefold() in _connectors():
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


@lru_cache(maxsize=1)
def _connectors() -> frozenset[str]:
    return frozenset(company_words()["connectors"])
