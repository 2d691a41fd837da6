"""A query cut into what it asks for, what narrows that down, a place, and words that say nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, permutations, product

from orbweave.maps.dictionary import KINDS, Category, Dictionary, Hit
from orbweave.maps.query import forms
from orbweave.maps.query.forms import Form
from orbweave.maps.query.text import Atom, joined, other_kana

_KIND_WEIGHT = {"w": 1.0, "n": 0.98, "a": 0.96, "t": 0.9, "v": 0.88, "m": 1.0}
_VAGUE = 0.8
"""How much less a mere term says when it is but part of the query or misspelt."""
_LONGEST = 6
_LONGEST_UNSPACED = 14
_MOST_FORMS = 60
_BEND = 0.8
"""How a share of the query becomes confidence: share ** _BEND."""
_ALONE = 0.95
"""How sure it is what is asked for by that which only narrows down."""
_NEAR = 0.955
"""Likeness of forms that differ by no more than number or case."""
_UNSURE = ("spelling", "compound")
_NO_HEAD = 0.75
# How much of a word is understood when it is ...
_COMPANION = 0.6  # another kind of business
_WHOLE = 0.8  # no other kind, but the same or any
_FOREIGN = 0.7  # of another language than the word it stands beside
_ORDINARY = 0.4  # a word that names none
_MOST_ORDINARY = 0.5  # of these, in proportion to what is understood
# Words that names have inside; those that little else has.
_ONLY_IN_NAMES = {"zum", "zur", "chez"}
_BEFORE_NAMES_TEXT = """
    de da di du del della do dos das des der den la le el zum zur am im of the van von chez y e et i u al dal dei na v w
    pod za
"""
_BEFORE_NAMES = frozenset(_BEFORE_NAMES_TEXT.split())
# Languages that put what is sought after what narrows it down, and before it; the others do both.
_HEAD_LAST = frozenset("""en de nl af sv da no is fi et hu tr az ja zh ko hi ur ta te bn""".split())  # noqa: SIM905
_HEAD_FIRST = frozenset("""fr es pt it ca gl ro ar he fa vi th id ms sw el""".split())  # noqa: SIM905
_POSTPOSITIONAL = frozenset("""fi et hu tr az ja zh ko hi ur ta te bn""".split())  # noqa: SIM905
_COMPOUNDING = frozenset("""de nl af sv da no is fi et hu ru uk el en""".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Edge:
    """Atoms ``start``..``end`` may be ``phrase``."""

    start: int
    end: int
    phrase: str
    likeness: float
    method: str
    langs: frozenset[str] | None = None

    @property
    def size(self) -> int:
        return self.end - self.start


@dataclass(slots=True)
class Guess:
    """A category that may be meant. ``share`` of the query is explained by it; ``phrase`` is the word for it."""

    number: int
    score: float
    method: str
    phrase: str
    kind: str
    langs: frozenset[str]
    modifiers: dict[str, str] = field(default_factory=dict)
    share: float = 1.0


class Reading:
    """The ways to understand ``atoms``, the place set apart already."""

    def __init__(self, atoms: Sequence[Atom], words: Dictionary, lang: str | None) -> None:
        self.words = words
        self.lang = lang
        self.atoms = list(atoms)
        self.compounds: frozenset[int] = frozenset()
        self.noise, self.silent = self._noise()
        self.edges = list(self._exact())
        if not self._is_explained():
            self._part_compounds()
            # The words of a known phrase mean nothing else: a train station has no stationer.
            phrases = [edge for edge in self.edges if edge.size > 1 and self._is_called_so(edge.phrase)]
            self.edges += [
                edge
                for edge in self._inexact()
                if not any(phrase.start <= edge.start and edge.end <= phrase.end for phrase in phrases)
            ]

    def guesses(self) -> dict[int, Guess]:
        """The best guess for each category, by its number."""
        found: dict[int, Guess] = {}
        for edge in self.edges:
            hits = self._hits(edge)
            others = self._others(edge) if hits else []
            for hit in hits:
                for guess in self._guesses(edge, hit, others):
                    if guess.number not in found or guess.score > found[guess.number].score:
                        found[guess.number] = guess
        return found

    def has_proper_name(self, guess: Guess) -> bool:
        """Whether a word with a capital is no word of the dictionary, in any form, and not part of a description
        ("Friseur ohne Termin"). Only a word that goes with the best guess is taken for misspelt."""
        if any(atom.text in _ONLY_IN_NAMES for atom in self.atoms):
            return True
        known = set(self.noise | self.compounds)
        for edge in self.edges:
            if edge.method != "spelling" or self._goes_with(edge, guess.number):
                known.update(range(edge.start, edge.end))
        for at, atom in enumerate(self.atoms):
            strange = atom.text not in self.words.vocabulary or (len(atom.text) == 1 and not atom.unspaced)
            if at not in known and strange and atom.capital and atom.text.isalpha():
                before = self.atoms[at - 1] if at else None
                if before is None or before.capital or at - 1 in known or before.text in _BEFORE_NAMES:
                    return True
        return False

    def _goes_with(self, edge: Edge, number: int) -> bool:
        categories = self.words.categories
        return any(
            hit.kind == KINDS["modifier"]
            or hit.number == number
            or categories[hit.number].is_general
            or _is_within(categories[hit.number], categories[number])
            for hit in self._hits(edge)
        )

    # What the atoms may be

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
            if 2 <= len(some) <= 3 and not silent and together in self.words and together.isalpha():
                yield Edge(start, end, together, 0.98, method)
            if len(some) == 1 and len(together) > 4:
                for at in range(2, len(together) - 1):
                    if (apart := f"{together[:at]} {together[at:]}") in self.words:
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
                        if edge.method == "spelling" and self._hits(ours):
                            yield ours

    def _covered(self, edges: Iterable[Edge]) -> set[int]:
        return {at for edge in edges for at in range(edge.start, edge.end)} | self.noise

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

    # What they mean together

    def _hits(self, edge: Edge) -> tuple[Hit, ...]:
        hits = self.words.hits(edge.phrase)
        hits = tuple(hit for hit in hits if edge.langs is None or hit.langs & edge.langs)
        if self.silent:
            # "the" says nothing in English, though it is French for tea.
            asked = {self.lang} if self.lang else self.silent
            hits = tuple(hit for hit in hits if hit.langs & asked)
        return hits

    def _guesses(self, edge: Edge, hit: Hit, others: Sequence[Edge]) -> Iterator[Guess]:
        """What ``hit`` asks for: a category, or those that a modifier means alone."""
        if hit.kind != KINDS["modifier"]:
            share, modifiers, head = self._together(edge, hit, others)
            score = self._weight(hit, edge.phrase) * edge.likeness * head * share**_BEND
            if hit.kind == KINDS["term"]:
                if edge.method == "spelling":
                    score *= _VAGUE
                if share < 1 or edge.method in _UNSURE or (edge.method == "inflected" and not self.lang):
                    score *= _VAGUE
            yield Guess(hit.number, score, _method(edge, share), edge.phrase, hit.kind, hit.langs, modifiers, share)
            return
        tags = self.words.modifiers[hit.number].tags
        for id_ in self.words.rule(next(iter(tags))).alone:
            base = Hit(self.words.number[id_], hit.kind, hit.langs)
            share, modifiers, head = self._together(edge, base, others)
            if any(self._is_category(other) for other in others):
                head = _NO_HEAD
            score = (
                _ALONE * head * edge.likeness * share**_BEND * (1.0 if not self.lang or self.lang in hit.langs else 0.9)
            )
            narrowed = {**modifiers, **tags}
            yield Guess(base.number, score, _method(edge, share), edge.phrase, hit.kind, hit.langs, narrowed, share)

    def _together(self, edge: Edge, hit: Hit, others: Sequence[Edge]) -> tuple[float, dict[str, str], float]:
        """Which share of the query is understood when ``edge`` means ``hit``, what the others narrow it down to, and
        how sure it is that the edge is what is sought."""
        modifiers: dict[str, str] = {}
        head = 1.0
        explained = float(sum(atom.weight for atom in self.atoms[edge.start : edge.end]))
        for other in others:
            worth, narrowing = self._companion(other, hit)
            explained += worth * self._said(other)
            modifiers = {**narrowing, **modifiers}
            if not narrowing and worth < _WHOLE and self._is_head(other, edge, hit.langs):
                head = _NO_HEAD
        landmark = self.words.categories[hit.number].is_landmark
        if landmark != any(self._is_landmark(other) for other in others):
            head = _NO_HEAD if landmark and any(map(self._is_category, others)) else 1.0
        covered = {at for other in (edge, *others) for at in range(other.start, other.end)}
        ordinary = sum(
            _ORDINARY * atom.weight
            for at, atom in enumerate(self.atoms)
            if at not in covered and at not in self.noise and atom.text in self.words.vocabulary
        )
        # A sentence of ordinary words asks for no business, though one of its words may.
        explained += min(ordinary, _MOST_ORDINARY * explained)
        inside = range(edge.start, edge.end)
        total = sum(atom.weight for at, atom in enumerate(self.atoms) if at not in self.noise or at in inside)
        return min(1.0, explained / total), modifiers, head

    def _is_landmark(self, edge: Edge) -> bool:
        numbers = [hit.number for hit in self._hits(edge) if hit.kind != KINDS["modifier"]]
        return bool(numbers) and all(self.words.categories[number].is_landmark for number in numbers)

    def _is_category(self, edge: Edge) -> bool:
        return any(hit.kind in "wna" and not self.words.categories[hit.number].is_general for hit in self._hits(edge))

    def _said(self, edge: Edge) -> int:
        return sum(self.atoms[at].weight for at in range(edge.start, edge.end) if at not in self.noise)

    def _others(self, edge: Edge) -> list[Edge]:
        """What the rest of the query is made of: the longest, surest words first."""
        taken = set(range(edge.start, edge.end))
        chosen = []
        for other in sorted(self.edges, key=lambda other: (-other.size, -other.likeness)):
            inside = range(other.start, other.end)
            if not taken.intersection(inside) and self._said(other):
                taken.update(inside)
                chosen.append(other)
        return chosen

    def _companion(self, edge: Edge, base: Hit) -> tuple[float, dict[str, str]]:
        """How much is understood of a word beside a category, and what it narrows that down to."""
        worth, narrowing = _ORDINARY, dict[str, str]()
        category = self.words.categories[base.number]
        for hit in self._hits(edge):
            # Words of one query are of one language, unless its own has none of them.
            trust = 1.0 if hit.langs & base.langs else 0.9 if self.lang in hit.langs else _FOREIGN
            if hit.kind == KINDS["modifier"]:
                tags = self.words.modifiers[hit.number].tags
                fits = any(category.id.startswith(start) for start in self.words.rule(next(iter(tags))).goes_with)
                worth_of_it = trust if fits else trust * _COMPANION
                if worth_of_it > worth:
                    worth, narrowing = worth_of_it, dict(tags) if fits else {}
            else:
                other = self.words.categories[hit.number]
                same = hit.number == base.number or other.is_general or _is_within(other, category)
                trust *= _KIND_WEIGHT[hit.kind]
                if (worth_of_it := trust * (1.0 if same else _COMPANION)) > worth:
                    worth, narrowing = worth_of_it, {}
        return worth * edge.likeness, narrowing

    def _is_head(self, other: Edge, edge: Edge, langs: frozenset[str]) -> bool:
        """Whether the other word is rather what is sought, by the word order of the languages."""
        asked = {self.lang} if self.lang in langs else langs
        first, second = sorted((edge, other), key=lambda one: one.start)
        if any(self._ties(at) for at in range(first.end, second.start)) and not asked & _POSTPOSITIONAL:
            return other is first
        return other is (second if asked <= _HEAD_LAST else first if asked <= _HEAD_FIRST else None)

    def _ties(self, at: int) -> bool:
        """Whether the atom between two words says that the second belongs to the first: "shop for bicycles"."""
        text = self.atoms[at].text
        return (at in self.noise and len(text) <= 4) or text in self.words.particles["in"]

    def _weight(self, hit: Hit, phrase: str) -> float:
        category = self.words.categories[hit.number]
        weight = _KIND_WEIGHT[hit.kind]
        if self.lang and self.lang not in hit.langs:
            weight *= 0.95 if hit.langs & (forms.kin(self.lang) or hit.langs) else 0.9
        else:
            weight += 0.001 * min(len(hit.langs), 10)
        if hit.kind in "at" and phrase.replace(" ", "_") == category.leaf:
            weight += 0.03
        if category.is_general:
            weight -= 0.05
        return weight - 0.01 * len(category.alternatives[0])


def _method(edge: Edge, share: float) -> str:
    return edge.method if share > 0.99 or edge.method in _UNSURE else "phrase"


def _is_within(wide: Category, narrow: Category) -> bool:
    """Whether all of the narrow kind are of the wide kind."""
    return any(wide_tags.items() <= tags.items() for wide_tags in wide.alternatives for tags in narrow.alternatives)
