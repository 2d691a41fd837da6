"""What the words of a query may be: the phrases of the dictionary that its stretches stand for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, permutations, product

from orbweave.maps.dictionary import KINDS, Dictionary, Hit
from orbweave.maps.query import forms
from orbweave.maps.query.forms import Form
from orbweave.maps.query.text import Atom, joined, other_kana

_LONGEST = 6
_LONGEST_UNSPACED = 14
_MOST_FORMS = 60
_NEAR = 0.955
"""Likeness of forms that differ by no more than number or case."""
_COMPOUNDING = frozenset("""de nl af sv da no is fi et hu ru uk el en""".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Edge:
    """Atoms ``start``..``end`` may be ``phrase``; ``langs``: if only as a word of these languages."""

    start: int
    end: int
    phrase: str
    likeness: float
    method: str
    langs: frozenset[str] | None = None

    @property
    def size(self) -> int:
        return self.end - self.start


class Lattice:
    """``atoms``, compounds parted; ``noise``: those that say nothing, in the languages ``silent`` if that are all;
    ``compounds``: those that were one word; ``edges``: what they may be."""

    def __init__(self, atoms: Sequence[Atom], words: Dictionary, lang: str | None) -> None:
        self.words = words
        self.lang = lang
        self.atoms = list(atoms)
        self.compounds: frozenset[int] = frozenset()
        self.talk: frozenset[int] = frozenset()
        self.noise, self.silent = self._noise()
        self.edges = list(self._exact())
        if not self._is_explained():
            self._part_compounds()
            self.talk = self._of_talk()
            self.noise -= self.talk
            # The words of a known phrase mean nothing else: a train station has no stationer.
            phrases = [edge for edge in self.edges if edge.size > 1 and self._is_called_so(edge.phrase)]
            self.edges += [
                edge
                for edge in self._inexact()
                if not any(phrase.start <= edge.start and edge.end <= phrase.end for phrase in phrases)
            ]
            self.edges = [edge for edge in self.edges if not self.talk.issuperset(range(edge.start, edge.end))]

    def _of_talk(self) -> frozenset[int]:
        """Atoms of phrases that nobody says who looks for a business, as long as they are no part of a known phrase."""
        phrases = self._covered(edge for edge in self.edges if edge.size > 1) - self.noise
        found: set[int] = set()
        heads = self.words.talk_heads
        for start, end in self._spans():
            if self.atoms[start].text not in heads:
                continue
            langs = self.words.particles["talk"].get(joined(self.atoms[start:end]))
            asked = self.lang in langs if self.lang and langs else not self.noise.issuperset(range(start, end))
            if langs and asked and not phrases.issuperset(range(start, end)):
                found.update(range(start, end))
        return frozenset(found)

    def hits(self, edge: Edge) -> tuple[Hit, ...]:
        hits = self.words.hits(edge.phrase)
        hits = tuple(hit for hit in hits if edge.langs is None or hit.langs & edge.langs)
        if self.silent:
            # "the" says nothing in English, though it is French for tea.
            asked = {self.lang} if self.lang else self.silent
            hits = tuple(hit for hit in hits if hit.langs & asked)
        return hits

    def _covered(self, edges: Iterable[Edge]) -> set[int]:
        return {at for edge in edges for at in range(edge.start, edge.end)} | self.noise

    def _noise(self) -> tuple[frozenset[int], frozenset[str]]:
        """Atoms that say nothing; if that are all, the languages in which they say nothing."""
        found: set[int] = set()
        silent: set[str] = set()
        noise, before_places = self.words.particles["noise"], self.words.particles["in"]
        at = 0
        while at < len(self.atoms):
            longest = 16 if self.atoms[at].unspaced else 6
            for end in range(min(at + longest, len(self.atoms)), at, -1):
                text = joined(self.atoms[at:end])
                langs = noise.get(text) or before_places.get(text)
                if langs and self._says_nothing(at, end, text, langs):
                    found.update(range(at, end))
                    silent |= langs
                    at = end - 1
                    break
            at += 1
        return frozenset(found), frozenset(silent if len(found) == len(self.atoms) else ())

    def _says_nothing(self, start: int, end: int, text: str, langs: frozenset[str]) -> bool:
        """Whether a particle is one of the language asked, or English, and no town (Nice)."""
        if self.lang is None or self.lang in langs:
            return not (start and end - start == 1 and self.atoms[start].capital and self.words.is_place(text))
        return "en" in langs and not self.words.is_place(text)

    def _exact(self) -> Iterator[Edge]:
        for start, end in self._spans():
            some = self.atoms[start:end]
            method = "compound" if self.compounds.intersection(range(start, end)) else "exact"
            content = [self.atoms[at] for at in range(start, end) if at not in self.noise or at in (start, end - 1)]
            for text in dict.fromkeys((joined(some), joined(content))):
                if text in self.words:
                    yield Edge(start, end, text, 1.0, method)
            if some[0].unspaced:
                for text in other_kana(joined(some)):
                    if text in self.words:
                        yield Edge(start, end, text, 0.98, method)
                continue
            together = "".join(atom.text for atom in some)
            silent = self.noise.intersection(range(start, end))
            if 2 <= len(some) <= 3 and not silent:
                for text in dict.fromkeys((together, *_closer(some))):
                    if text in self.words and text.replace(" ", "").isalpha():
                        yield Edge(start, end, text, 0.98, method)
            if len(some) == 1 and len(together) > 4:
                for apart in _apart(together):
                    if apart in self.words:
                        yield Edge(start, end, apart, 0.98, method)

    def _is_explained(self) -> bool:
        """Whether one category that is called so takes all of the query."""
        content = [at for at in range(len(self.atoms)) if at not in self.noise] or list(range(len(self.atoms)))
        return any(
            edge.start <= content[0] and edge.end > content[-1] and self._is_called_so(edge.phrase)
            for edge in self.edges
        )

    def _is_called_so(self, phrase: str) -> bool:
        return any(
            hit.kind in "wna" and (self.lang is None or self.lang in hit.langs) for hit in self.words.hits(phrase)
        )

    def _part_compounds(self) -> None:
        """Puts two atoms in the place of each that is no word but a compound of two."""
        covered = {at for edge in self.edges for at in range(edge.start, edge.end)} | self.noise
        atoms: list[Atom] = []
        compounds: set[int] = set()
        for at, atom in enumerate(self.atoms):
            known = at in covered or self._has_form(atom.text)
            parts = None if known else self._parts(atom.text)
            for text in parts or (atom.text,):
                if parts:
                    compounds.add(len(atoms))
                atoms.append(Atom(text, atom.start, atom.end, atom.capital, atom.comma))
        if compounds:
            self.atoms, self.compounds = atoms, frozenset(compounds)
            self.noise, self.silent = self._noise()
            self.edges = list(self._exact())

    def _has_form(self, word: str) -> bool:
        if word in self.words.vocabulary:
            return True
        found = (forms.respelt, forms.inflected, forms.heard)
        if any(True for find in found for _ in find(word, self.words, self.lang)):
            return True
        return any(
            form.likeness > 0.8 and form.text in self.words for form in forms.misspelt(word, self.words, self.lang)
        )

    def _parts(self, word: str) -> tuple[str, str] | None:
        """What narrows down and what is sought, the last part."""
        if not 7 <= len(word) <= 40 or not word.isalpha() or (self.lang and self.lang not in _COMPOUNDING):
            return None
        best: tuple[float, tuple[str, str]] | None = None
        for bare, tied, rest in forms.splits(word):
            worth = float(len(rest)) if self._ends_compound(rest) else 0.0
            if not worth and len(rest) > 5:
                worth = max(
                    (
                        len(rest) * form.likeness
                        for form in forms.inflected(rest, self.words, self.lang)
                        if self._ends_compound(form.text)
                    ),
                    default=0.0,
                )
            if not worth:
                continue
            first = next((part for part in (tied, bare) if part in self.words), None)
            known = first or next((part for part in (tied, bare) if part in self.words.vocabulary), None)
            if known is None and (len(rest) < 5 or len(rest) * 3 < len(word)):
                continue
            if self.lang == "en" and not (first and self._is_of_language(first)):
                continue
            worth += len(bare) if first else 0.5 * len(bare) if known else 0.0
            if best is None or worth > best[0]:
                best = worth, (known or bare, rest)
        return best[1] if best else None

    def _is_of_language(self, phrase: str) -> bool:
        return any(self.lang in hit.langs for hit in self.words.hits(phrase))

    def _ends_compound(self, phrase: str) -> bool:
        return any(
            hit.kind != KINDS["modifier"] and hit.langs & _COMPOUNDING and (self.lang is None or self.lang in hit.langs)
            for hit in self.words.hits(phrase)
        )

    def _inexact(self) -> Iterator[Edge]:
        known = self._covered(self.edges)
        options = [self._options(atom) for atom in self.atoms]
        found = [edge for span in self._spans(4) for edge in self._of_span(*span, options, known)]
        yield from found
        # Only what is nothing else may be misspelt.
        known |= self._covered(found)
        slipped = {at for at in range(len(self.atoms)) if at not in known and not self.atoms[at].unspaced}
        if slipped:
            for at in slipped:
                options[at] += forms.misspelt(self.atoms[at].text, self.words, self.lang)
            for start, end in self._spans(3):
                if slipped.intersection(range(start, end)):
                    for edge in self._in_other_forms(start, end, options):
                        ours = replace(edge, langs=forms.kin(self.lang))
                        if edge.method == "spelling" and self.hits(ours):
                            yield ours

    def _of_span(self, start: int, end: int, options: Sequence[list[Form]], known: set[int]) -> Iterator[Edge]:
        """The stretch in other forms, in another order, or in another alphabet."""
        yield from self._in_other_forms(start, end, options)
        content = [at for at in range(start, end) if at not in self.noise]
        some = [self.atoms[at].text for at in content]
        if 2 <= len(some) <= 3 and not any(self.atoms[at].unspaced for at in content):
            for order in permutations(some):
                if list(order) != some and (phrase := " ".join(order)) in self.words:
                    yield Edge(start, end, phrase, 0.93, "phrase")
        if content and not known.intersection(content):
            for form in forms.heard(joined(self.atoms[start:end]), self.words, self.lang):
                yield Edge(start, end, form.text, form.likeness, form.method)

    def _options(self, atom: Atom) -> list[Form]:
        """The words of the vocabulary that an atom may stand for."""
        text = atom.text
        if text not in self.words.vocabulary:
            own, least = [], 0.0
        else:
            # A word as it stands is a near form at most: a station is no stationer.
            own, least = [Form(text, 1.0, "exact")], _NEAR
        if atom.unspaced or len(text) < 3 or not text.isalpha():
            return own
        own += (Form(apart, 0.97, "inflected") for apart in _apart(text) if apart in self.words)
        found = (*forms.respelt(text, self.words, self.lang), *forms.inflected(text, self.words, self.lang))
        return [*own, *(form for form in found if form.likeness >= least)]

    def _in_other_forms(self, start: int, end: int, options: Sequence[Sequence[Form]]) -> Iterator[Edge]:
        content = [options[at] for at in range(start, end) if at not in self.noise]
        if not content or (end - start > 1 and len(content) == 1):
            return
        for chosen in islice(product(*content), _MOST_FORMS):
            phrase = " ".join(form.text for form in chosen)
            worst = min(chosen, key=lambda form: form.likeness)
            if worst.method != "exact" and phrase in self.words:
                known = [form.langs for form in chosen if form.langs is not None]
                langs = frozenset.intersection(*known) if known else None
                if langs is not None and not any(hit.langs & langs for hit in self.words.hits(phrase)):
                    continue
                compound = worst.method != "spelling" and self.compounds.intersection(range(start, end))
                yield Edge(start, end, phrase, worst.likeness, "compound" if compound else worst.method, langs)

    def _spans(self, longest: int = _LONGEST) -> Iterator[tuple[int, int]]:
        for start in range(len(self.atoms)):
            most = _LONGEST_UNSPACED if any(atom.unspaced for atom in self.atoms[start : start + 2]) else longest
            for end in range(start + 1, min(start + most, len(self.atoms)) + 1):
                yield start, end
            if start == 0 and len(self.atoms) > most:
                yield 0, len(self.atoms)


def _apart(word: str) -> Iterator[str]:
    """The word as two."""
    return (f"{word[:at]} {word[at:]}" for at in range(2, len(word) - 1))


def _closer(some: Sequence[Atom]) -> Iterator[str]:
    """Three words with two of them written as one."""
    if len(some) == 3:
        first, second, third = (atom.text for atom in some)
        yield f"{first}{second} {third}"
        yield f"{first} {second}{third}"
