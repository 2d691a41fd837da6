"""The place in a query: "zubař v Brně", "pizza wien", "10115 berlin rechtsanwalt", "東京の歯医者". Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orbweave.maps.dictionary import Dictionary
from orbweave.maps.query.forms import umlauts
from orbweave.maps.query.text import Atom, joined

_LONGEST = 5
_LONGEST_UNSPACED = 10
_MOST = 6
"""Words of a place that no list of names knows."""
GUESSED = 0.8
"""Certainty of a name with a capital beside words without: "plumber Hackney" is no plumber called so."""
_MOST_GUESSED = 3

_POSTCODES = [
    re.compile(rf"(?:{pattern})$")
    for pattern in (
        r"(?:[a-z]{1,3} )?\d{4,6}",  # most; also with the country's letters: D-10115, LV-1010
        r"\d{3} \d{2}|\d{2} \d{3}|\d{3} \d{4}|\d{5} \d{3,4}",  # 110 00, 00-950, 100-0001, 01310-100, 20001-1234
        r"[a-z]{1,2}\d[a-z\d]? \d[a-z]{2}|[a-z]{1,2}\d{1,2}[a-z]?",  # SW1A 1AA, EC1
        r"[a-z]\d[a-z] \d[a-z]\d",  # K1A 0B1
        r"\d{4} ?[a-z]{2}",  # 1012 AB
    )
]
_TIED = re.compile("^(?:[בלמ](?=[א-ת]{2})|(?:بال|لل|في|[بلف])(?=[\u0621-\u064a]{3}))")
_INFLECTING = frozenset("""fi et lt lv hu tr pl cs sk sl hr sr bs ru uk be el""".split())  # noqa: SIM905
_NONE: frozenset[str] = frozenset()
_DISTRICT = re.compile(r"(?:\d{1,2}(?:e|er|eme)?|[ivx]{1,5})$")
_PARTS_OF_TOWN_TEXT = """
    centrum sentrum centre center zentrum centro centar centrul centras centrs keskusta kesklinn belvaros merkez merkezi
    mitte innenstadt stadtmitte altstadt downtown city ville центр κεντρο nord north norte norra sud sued south sul sur
    ost east est este leste west ouest ovest oeste
"""
_PARTS_OF_TOWN = frozenset(_PARTS_OF_TOWN_TEXT.split())
# Ward, city, county, quarter, station, road.
_UNITS = frozenset("구시군동역로区區市县縣郡町村駅站路街")
_BEFORE_PEOPLE = frozenset(("dr", "prof", "chez", "da"))
_REGION_CODE = re.compile(r"[a-z]{2}$")


@dataclass(frozen=True, slots=True)
class PlacePhrase:
    """Atoms ``start``..``end`` say where; those from ``first`` to ``last`` are its name. ``certainty`` 0..1. ``langs``:
    of its preposition, if it has one."""

    start: int
    end: int
    first: int
    last: int
    certainty: float
    langs: frozenset[str] | None = None


def find(atoms: Sequence[Atom], words: Dictionary, lang: str | None) -> list[PlacePhrase]:
    """What may be the place, surest first."""
    finder = _Finder(atoms, words, lang)
    found: dict[tuple[int, int], PlacePhrase] = {}
    for phrase in (*finder.after_preposition(), *finder.bare()):
        span = phrase.start, phrase.end
        if span not in found or found[span].certainty < phrase.certainty:
            found[span] = phrase
    return sorted(found.values(), key=lambda phrase: (-phrase.certainty, phrase.start - phrase.end))[:8]


@dataclass(slots=True)
class _Finder:
    atoms: Sequence[Atom]
    words: Dictionary
    lang: str | None

    def after_preposition(self) -> Iterator[PlacePhrase]:
        count = len(self.atoms)
        for start in range(count):
            for end in range(min(start + 4, count - 1), start, -1):
                langs = self._particle(start, end, "in") or self._particle(start, end, "near")
                if not langs:
                    continue
                last, sure = self._chain(end)
                if last > end and sure:
                    yield PlacePhrase(start, last, end, last, 1.0, langs)
                last = self._until(end)
                if last == count and not sure and start and count - end <= _MOST and self._may_be_name(end):
                    yield PlacePhrase(start, count, end, count, 0.96 if self.atoms[end].capital else 0.9, langs)
                elif sure and last == count:
                    yield PlacePhrase(start, count, end, count, 0.95, langs)
                break

    def _until(self, at: int) -> int:
        """Where noise ends a place that no list knows."""
        noise = self.words.particles["noise"]
        for end in range(at + 1, len(self.atoms)):
            if joined(self.atoms[end:]) in noise:
                return end
        return len(self.atoms)

    def _may_be_name(self, at: int) -> bool:
        """Whether text after a preposition that no list knows may be a place, rather than more of the description."""
        rest = self.atoms[at:]
        first = rest[0]
        if not first.text.isalpha() or (len(rest) == 1 and len(first.text) < 3):
            return False
        return first.capital or not any(atom.text in self.words.vocabulary for atom in rest)

    def bare(self) -> Iterator[PlacePhrase]:
        for start in range(len(self.atoms)):
            last, sure = self._chain(start)
            if last == start:
                continue
            end = self._after(last)
            whole = start == 0 and end == len(self.atoms)
            if whole:
                continue
            text = joined(self.atoms[start:last])
            edge = start == 0 or end == len(self.atoms)
            if sure and end == last and start and self._with_quarter(end) == len(self.atoms) > end:
                yield PlacePhrase(start, len(self.atoms), start, len(self.atoms), 0.97)
            certainty = 0.995 if text not in self.words.vocabulary and (sure or end > last) else 0.94
            yield PlacePhrase(start, end, start, last, certainty if edge else certainty - 0.03)
        yield from self._with_ending()
        yield from self._with_capitals()
        yield from self._uncased()

    def _chain(self, start: int) -> tuple[int, bool]:
        """Where the names and codes of one place end that start there; whether one of them is a known name."""
        end, named = start, False
        while end < len(self.atoms):
            after = self._name(end) or self._postcode(end)
            if after and (not named or self._name(end) is None or self.atoms[end].comma or self._is_clear(end, after)):
                named = named or self._name(end) is not None
                end = after
            elif named and (
                _DISTRICT.match(self.atoms[end].text)
                or self.atoms[end].text in _PARTS_OF_TOWN
                or self._is_region_code(end)
            ):
                end += 1
            else:
                break
        return end, named

    def _is_clear(self, start: int, end: int) -> bool:
        return joined(self.atoms[start:end]) not in self.words.vocabulary

    def _is_region_code(self, at: int) -> bool:
        text = self.atoms[at].text
        return (
            _REGION_CODE.match(text) is not None
            and at == len(self.atoms) - 1
            and (text not in self.words or self.atoms[at].comma or self.atoms[at].capital)
        )

    def _name(self, start: int) -> int | None:
        """Where the longest known name ends that starts there."""
        most = _LONGEST_UNSPACED if self.atoms[start].unspaced else _LONGEST
        for end in range(min(start + most, len(self.atoms)), start, -1):
            text = joined(self.atoms[start:end])
            if len(text) > 1 and not text.isdigit():
                if self.words.is_place(text):
                    return end
                # Aarhus, Muenchen.
                if any(map(self.words.is_place, umlauts(text))):
                    return end
                # "in", written as one word with the name.
                if (name := _TIED.sub("", text)) != text and self.words.is_place(name):
                    return end
        return None

    def _postcode(self, start: int) -> int | None:
        for size in (2, 1):
            end = start + size
            if end <= len(self.atoms):
                text = joined(self.atoms[start:end])
                if any(pattern.match(text) for pattern in _POSTCODES) and text not in self.words:
                    return end
        return None

    def _after(self, at: int) -> int:
        """Where the postposition after a name ends."""
        for end in range(min(at + 4, len(self.atoms)), at, -1):
            if self._particle(at, end, "after"):
                return end
        return at

    def _with_ending(self) -> Iterator[PlacePhrase]:
        """Names with a case ending: Helsingissä, Budapesten, İstanbul'da, Vilniuje."""
        for at, atom in enumerate(self.atoms):
            if atom.unspaced or len(atom.text) < 5 or atom.text in self.words.vocabulary:
                continue
            for size in range(1 if self.lang else 2, min(6, len(atom.text) - 2)):
                stem, ending = atom.text[:-size], atom.text[-size:]
                langs = self.words.particles["after"].get(f"-{ending}", _NONE)
                if self._asks(langs) and (self.words.is_place(stem) or (atom.capital and atom.tail == size)):
                    yield PlacePhrase(at, at + 1, at, at + 1, 0.97, langs)
                    break
                cases = self.words.endings.get(ending, _NONE) & _INFLECTING
                if self.lang:
                    cases &= {self.lang}
                known = cases and (self.lang is not None or atom.capital)
                if known and size <= 4 and len(stem) > 3 and self._is_other_case(stem, cases):
                    yield PlacePhrase(at, at + 1, at, at + 1, 0.95, cases)
                    break

    def _with_capitals(self) -> Iterator[PlacePhrase]:
        """An unknown name at the end, of which the capitals tell that it is one."""
        count = start = len(self.atoms)
        while start and self._is_capital(self.atoms[start - 1]):
            start -= 1
        before, name = self.atoms[:start], self.atoms[start:]
        if not (name and before) or len(name) > _MOST_GUESSED or name[0].text in _BEFORE_PEOPLE:
            return
        known = all(atom.text in self.words.vocabulary and not atom.capital for atom in before)
        strange = len(name) > 1 or any(atom.text not in self.words.vocabulary for atom in name)
        if known and strange and not self.words.is_name(joined(name)):
            yield PlacePhrase(start, count, start, count, GUESSED)

    def _uncased(self) -> Iterator[PlacePhrase]:
        """Unknown names in scripts without capitals, where spaces part them from the rest: those that say what they
        are, 강남구, 三軒茶屋駅; others beside a kind."""
        start = 0
        for end in range(1, len(self.atoms) + 1):
            if end < len(self.atoms) and self.atoms[end].start == self.atoms[end - 1].end:
                continue
            text = joined(self.atoms[start:end])
            rest = [*self.atoms[:start], *self.atoms[end:]]
            unknown = 1 < len(text) <= _LONGEST_UNSPACED and text not in self.words.vocabulary
            if rest and unknown and unicodedata.category(text[0]) == "Lo" and not self.words.is_name(text):
                if len(text) > 2 and text[-1] in _UNITS:
                    yield PlacePhrase(start, end, start, end, 0.93)
                elif joined(rest) in self.words:
                    yield PlacePhrase(start, end, start, end, 0.75)
            start = end

    def _is_capital(self, atom: Atom) -> bool:
        return atom.capital and atom.text.isalpha() and len(atom.text) > 1

    def _with_quarter(self, at: int) -> int:
        """Where the unknown name of a part of the town ends that stands after it: Köln Ehrenfeld."""
        while at < len(self.atoms):
            atom = self.atoms[at]
            strange = atom.text not in self.words.vocabulary and not self.words.is_name(atom.text)
            if not (strange and self._is_capital(atom)):
                break
            at += 1
        return at

    def _is_other_case(self, stem: str, langs: frozenset[str]) -> bool:
        """Whether a name of a place is the stem with another ending of the languages."""
        return any(
            len(name) - len(stem) <= 3 and self.words.endings.get(name[len(stem) :], langs) & langs
            for name in self.words.places_beginning_with(stem, 20)
        )

    def _asks(self, langs: frozenset[str]) -> bool:
        return self.lang in langs if self.lang else bool(langs)

    def _particle(self, start: int, end: int, part: str) -> frozenset[str] | None:
        langs = self.words.particles[part].get(joined(self.atoms[start:end]))
        if langs and (self.lang is None or self.lang in langs or ("en" in langs and end - start == 1)):
            return langs
        return None
