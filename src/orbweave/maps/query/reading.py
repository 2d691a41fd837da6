"""What a query asks for: of all that its words may be, the kinds of business that explain most of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from orbweave.maps.dictionary import KINDS, Category, Dictionary, Hit
from orbweave.maps.query import forms
from orbweave.maps.query.lattice import Edge, Lattice
from orbweave.maps.query.text import Atom

_KIND_WEIGHT = {"w": 1.0, "n": 0.98, "a": 0.96, "t": 0.9, "v": 0.88, "m": 1.0}
_VAGUE = 0.8
"""How much less a mere term says when it is but part of the query or misspelt."""
_BEND = 0.8
"""How a share of the query becomes confidence: share ** _BEND."""
_ASSEMBLED = 0.004
"""How much less sure several words are than one phrase with its own meaning."""
_ALONE = 0.95
"""How sure it is what is asked for by that which only narrows down."""
_EXACT, _STRAY = 0.97, 0.75
"""How much less another form says of part of a query in any language: some language has such a word."""
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
        self._lattice = Lattice(atoms, words, lang)
        self.atoms = self._lattice.atoms
        self.noise = self._lattice.noise
        self.talk = self._lattice.talk
        self._edges = self._lattice.edges

    def guesses(self) -> dict[int, Guess]:
        """The best guess for each category, by its number."""
        found: dict[int, Guess] = {}
        for edge in self._edges:
            hits = self._lattice.hits(edge)
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
        known = set(self.noise | self._lattice.compounds)
        for edge in self._edges:
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
            for hit in self._lattice.hits(edge)
        )

    def _guesses(self, edge: Edge, hit: Hit, others: Sequence[Edge]) -> Iterator[Guess]:
        """What ``hit`` asks for: a category, or those that a modifier means alone."""
        if hit.kind != KINDS["modifier"]:
            share, modifiers, head = self._together(edge, hit, others)
            score = self._weight(hit, edge.phrase) * edge.likeness * head * share**_BEND
            if not self.lang and edge.likeness < _EXACT and share < 0.9 and len(hit.langs) < forms.WIDE:
                score *= _STRAY
            if self._others_say(others):
                score = score - _ASSEMBLED if self._said(edge) else score * _VAGUE
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
            slip = other.method == "spelling" and edge.method != "spelling"
            if not narrowing and worth < _WHOLE and not slip and self._is_head(other, edge, hit.langs):
                head = _NO_HEAD
        landmark = self.words.categories[hit.number].is_landmark
        if landmark != any(self._is_landmark(other) for other in others):
            head = _NO_HEAD if landmark and any(map(self._is_category, others)) else 1.0
        covered = {at for other in (edge, *others) for at in range(other.start, other.end)}
        ordinary = sum(
            _ORDINARY * atom.weight
            for at, atom in enumerate(self.atoms)
            if at not in covered | self.noise | self.talk and atom.text in self.words.vocabulary
        )
        # A sentence of ordinary words asks for no business, though one of its words may.
        explained += min(ordinary, _MOST_ORDINARY * explained)
        inside = range(edge.start, edge.end)
        total = sum(atom.weight for at, atom in enumerate(self.atoms) if at not in self.noise or at in inside)
        total += sum(self.atoms[at].weight for at in self.talk)
        return min(1.0, explained / total), modifiers, head

    def _is_landmark(self, edge: Edge) -> bool:
        numbers = [hit.number for hit in self._lattice.hits(edge) if hit.kind != KINDS["modifier"]]
        return bool(numbers) and all(self.words.categories[number].is_landmark for number in numbers)

    def _is_category(self, edge: Edge) -> bool:
        return any(
            hit.kind in "wna" and not self.words.categories[hit.number].is_general for hit in self._lattice.hits(edge)
        )

    def _said(self, edge: Edge) -> int:
        return sum(self.atoms[at].weight for at in range(edge.start, edge.end) if at not in self.noise)

    def _others_say(self, others: Sequence[Edge]) -> bool:
        return any(self._said(other) for other in others)

    def _others(self, edge: Edge) -> list[Edge]:
        """What the rest of the query is made of: the longest, surest words first."""
        taken = set(range(edge.start, edge.end))
        chosen = []
        for other in sorted(self._edges, key=lambda other: (-other.size, -other.likeness)):
            inside = range(other.start, other.end)
            if not taken.intersection(inside) and self._said(other):
                taken.update(inside)
                chosen.append(other)
        return chosen

    def _companion(self, edge: Edge, base: Hit) -> tuple[float, dict[str, str]]:
        """How much is understood of a word beside a category, and what it narrows that down to."""
        worth, narrowing = _ORDINARY, dict[str, str]()
        category = self.words.categories[base.number]
        for hit in self._lattice.hits(edge):
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
