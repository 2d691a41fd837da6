"""Numbers that registers and tax offices give to businesses, and the courts that keep the registers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from orbweave.site.document import Document
from orbweave.site.extract import vat
from orbweave.site.extract.countries import likely_countries
from orbweave.site.extract.words import NOT_WORD, Finding, company_words, squeezed
from orbweave.site.facts import around
from orbweave.site.kinds import fold

_MAX_LINE = 2_400
# Where a business's tax number may be the only one it is registered under.
_ONE_NUMBER = ("RU", "VN", "HR")
_LAST = 10_000

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
    r"[\s:：.#№º°=|,()–-]{0,4}(?:(?:n[o°ºr]\.?|num(?:ber|mer|ero)?|nr\.?|no\.?|№|:)[\s:.–-]{0,3}){0,2}", re.IGNORECASE
)
_TO_COLON = re.compile(r"[^:：\n]{0,70}[:：]\s{0,3}")


def court(text: str) -> Finding | None:
    """The court or office that ``text`` says to keep the business's register."""
    match = _courts().search(text)
    if match is None:
        return None
    line = text[match.start() : match.end() + 60].partition("\n")[0]
    return Finding("register_court", _court(line), "text", around(text, match.start(), match.end()))


class _Label(NamedTuple):
    field: str
    country: str
    rank: int


def registered(document: Document, lines: list[str]) -> Iterator[Finding]:
    """The VAT and register number that ``lines`` give, the surest of each, and French courts."""
    countries = likely_countries(document)
    best: dict[str, tuple[tuple[int, int], Finding]] = {}

    def note(rank: int, found: Finding) -> None:
        place = (rank, len(best))
        if found.field not in best or place < best[found.field][0]:
            best[found.field] = place, found

    for index, line in enumerate(lines):
        if len(line) > _MAX_LINE:
            continue
        following = lines[index + 1] if index + 1 < len(lines) else ""
        digits = sum(map(str.isdigit, line))
        if digits < 4 and sum(map(str.isdigit, following[:40])) < 4:
            continue
        for match in _VAT_ALONE.finditer(line):
            if (number := vat.compact(match[0])) and vat.is_valid(number):
                note(1, Finding("vat_id", number, "text", around(line, match.start(), match.end())))
        if "R" in line and (court := _FRENCH_COURT.search(line)):
            note(0, Finding("registration_number", court[2], "text", around(line, court.start(), court.end())))
            town = re.split(r" (?:sous|n[°o])", court[1], maxsplit=1)[0]
            yield Finding("register_court", f"RCS {town}", "text", around(line, court.start(), court.end()))
        for match in _BELGIAN.finditer(line) if "BE" in countries[:2] else ():
            note(0, Finding("registration_number", match[0], "text", around(line, match.start(), match.end())))
        for match in _REGISTERED.finditer(line) if digits >= 4 else ():
            note(0, Finding("registration_number", match[0], "text", around(line, match.start(), match.end())))
        for match in _labels().finditer(line) if _has_label(line) else ():
            label = _meaning(match[0])
            for value in _values(line, match.end(), following):
                context = around(line, match.start(), match.end())
                if label.field == "vat_id":
                    number, valid = _vat_number(value, label.country, countries)
                    if label.country in _ONE_NUMBER and (registration := _registration(value)):
                        note(_LAST, Finding("registration_number", registration, "text", context))
                    if number:
                        rank = 2 if valid is None else 3 if not valid else int(value[:2] != number[:2])
                        note(rank, Finding("vat_id", number, "text", context))
                        break
                elif number := _registration(value):
                    note(1 + label.rank, Finding("registration_number", number, "text", context))
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
    if country in vat.NATIONAL:
        words = re.split("[ /]", written) if country in countries else []
        found = [one for size in range(len(words), 0, -1) if (one := vat.national("".join(words[:size]), country))]
        return max(found, key=lambda one: one[1], default=(None, None))
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
            found.setdefault(squeezed(label), _Label("vat_id", country, 0))
    for rank, label in enumerate(words["register_labels"]):
        found.setdefault(squeezed(label), _Label("registration_number", "", rank))
    return found


def _meaning(matched: str) -> _Label:
    return _meanings()[squeezed(matched)]


def _has_label(line: str) -> bool:
    firsts, unspaced = _label_words()
    folded = fold(line)
    return not firsts.isdisjoint(NOT_WORD.split(folded)) or (
        not line.isascii() and any(one in folded for one in unspaced)
    )


@lru_cache(maxsize=1)
def _label_words() -> tuple[frozenset[str], tuple[str, ...]]:
    """The first words of labels; and labels of scripts without spaces."""
    words = company_words()
    labels = {fold(label) for group in words["vat_labels"].values() for label in group}
    labels |= set(map(fold, words["register_labels"]))
    unspaced = tuple(one for one in labels if re.search(r"[\u0e00-\u0eff\u3040-\u9fff\uac00-\ud7a3]", one))
    joined = {"".join(NOT_WORD.split(one)) for one in labels}
    return frozenset(NOT_WORD.split(one)[0] for one in labels) | joined, unspaced


@lru_cache(maxsize=1)
def _labels() -> re.Pattern[str]:
    words = company_words()
    labels = {label for group in words["vat_labels"].values() for label in group} | set(words["register_labels"])
    spellings = {fold(label) for label in labels} | {label.casefold() for label in labels}
    patterns = sorted(
        (r"[\s.\-/’']{0,3}".join(map(re.escape, spelt.split())) for spelt in spellings), key=len, reverse=True
    )
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(patterns)})(?![^\W\d_])", re.IGNORECASE)


@lru_cache(maxsize=1)
def _courts() -> re.Pattern[str]:
    words = sorted(company_words()["courts"], key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


def _court(line: str) -> str:
    """ "Amtsgericht München" of "Amtsgericht München, HRB 1234"."""
    label, _, rest = line.partition(":")
    line = rest.strip() or label
    return re.split(r"[,;|(\d]|\s(?:HR[AB]|unter|sous|pod|al n)", line, maxsplit=1)[0].strip(" .:-–")[:80]
