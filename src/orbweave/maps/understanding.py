"""What a query means: tag conditions with a confidence, or a name to look for; and where, if it says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import starmap
from typing import Any, Literal

from orbweave.errors import InvalidInput
from orbweave.locations import fold
from orbweave.maps.dictionary import Category, dictionary, has_tags
from orbweave.maps.query import names, places
from orbweave.maps.query.forms import likeness
from orbweave.maps.query.names import Name
from orbweave.maps.query.places import PlacePhrase
from orbweave.maps.query.reading import Guess, Reading
from orbweave.maps.query.text import Atom, atoms, joined

Method = Literal["exact", "inflected", "phrase", "spelling", "compound", "name"]

THRESHOLD = 0.5
"""Below this a guess is more often wrong than right: better no answer than other businesses."""

CERTAIN = 0.985
"""From here on no place is looked for in a query: it says what it says."""

MAX_ALTERNATIVES = 5


class UnknownQuery(InvalidInput):
    """No kind of business and no known name. ``suggestions`` are near terms that would be understood; ``name`` is the
    text as ``as_name`` would look for it, ``place`` the place set apart from it."""

    def __init__(self, query: str, suggestions: tuple[str, ...], *, name: str = "", place: str | None = None) -> None:
        hint = ", ".join(suggestions)
        super().__init__(
            f"{query.strip()[:80]!r} names no kind of business and no known business; "
            + (f"did you mean {hint}?" if hint else "try a word such as restaurant, dentist or hotel."),
            field="query",
        )
        self.suggestions = suggestions
        self.name = name
        self.place = place


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One meaning, ``score`` its confidence, 0..1.

    Without a ``name``: a kind of business. An object is of it when it has all of one of ``tags`` (``*``: any value) but
    those whose keys are in ``preferred``: these, which maps often lack, must only not say otherwise. ``modifiers`` are
    the tags among them that narrow the kind down.

    With a ``name`` (folded words): objects called so, or of one of ``brands`` (Wikidata ids). ``tags``, if any, then
    are the kind that an object must be of too, for "Metropole" out of "Hotel Metropole".
    """

    label: str
    score: float
    method: Method
    tags: tuple[Mapping[str, str], ...] = ()
    name: str | None = None
    brands: tuple[str, ...] = ()
    modifiers: Mapping[str, str] = field(default_factory=dict)
    preferred: frozenset[str] = frozenset()

    @property
    def required(self) -> tuple[Mapping[str, str], ...]:
        """``tags`` without the preferred ones: an object must have all of one of these."""
        if not self.preferred:
            return self.tags
        return tuple({key: value for key, value in tags.items() if key not in self.preferred} for tags in self.tags)

    def matches(self, tags: Mapping[str, str]) -> bool:
        if self.tags and not any(_fulfils(tags, wanted) for wanted in self.required):
            return False
        if self.name is not None:
            return self._is_named(tags)
        return not any(_contradicts(tags, key, self.modifiers[key]) for key in self.preferred)

    def preference(self, tags: Mapping[str, str]) -> int:
        """How many of the preferred tags a matching object is known to have: order by it."""
        return sum(_fulfils(tags, {key: self.modifiers[key]}) for key in self.preferred)

    def _is_named(self, tags: Mapping[str, str]) -> bool:
        from orbweave.maps import packaged

        if self.brands and tags.get("brand:wikidata", tags.get("operator:wikidata")) in self.brands:
            return True
        return any(f" {self.name} " in f" {name} " for name in packaged.names_of(tags))

    def as_dict(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"tags": [dict(tags) for tags in self.tags], "label": self.label}
        if self.name is not None:
            shown["tags"] = [{"brand:wikidata": brand} for brand in self.brands] or [{"name": self.label}]
            shown["name"] = self.name
        shown |= {"score": round(self.score, 3), "method": self.method}
        if self.modifiers:
            shown["modifiers"] = dict(self.modifiers)
        return shown


# A value that says more than the one asked for.
_ALSO = {"yes": ("only",), "wlan": ("yes",)}


def _fulfils(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    if has_tags(tags, wanted):
        return True
    return any(value in _ALSO for value in wanted.values()) and all(
        any(has_tags(tags, {key: accepted}) for accepted in (value, *_ALSO.get(value, ())))
        for key, value in wanted.items()
    )


def _contradicts(tags: Mapping[str, str], key: str, value: str) -> bool:
    return key in tags and not _fulfils(tags, {key: value})


@dataclass(frozen=True, slots=True)
class Understanding:
    """A query and what it may mean, likeliest first; ``best`` is what is searched for. ``place`` is the text in it that
    says where, without prepositions ("Brně" of "zubař v Brně"); None where it says nothing."""

    query: str
    lang: str | None
    interpretations: tuple[Interpretation, ...]
    place: str | None = None

    @property
    def best(self) -> Interpretation:
        return self.interpretations[0]

    @property
    def label(self) -> str:
        return self.best.label

    @property
    def tags(self) -> tuple[Mapping[str, str], ...]:
        return self.best.tags

    @property
    def method(self) -> Method:
        return self.best.method

    @property
    def score(self) -> float:
        return self.best.score

    def matches(self, tags: Mapping[str, str]) -> bool:
        return self.best.matches(tags)

    def matched(self) -> dict[str, Any]:
        """How the query was understood, as answers say it (``metadata.matched``)."""
        return self.best.as_dict()

    def explain(self) -> dict[str, Any]:
        return {
            "query": self.query,
            "interpretations": [meaning.as_dict() for meaning in self.interpretations],
            "place": self.place,
        }


@lru_cache(maxsize=4096)
def understand(query: str, lang: str | None = None) -> Understanding:
    """What ``query`` ("restaurants", "Zahnarzt in Wien", "歯医者", "vegan restaurant", a name) asks for.

    All ways to set a place apart compete, and in what is left all words that are known, in other forms, misspelt or as
    parts of compounds; the reading that explains most of the query wins. How: docs/queries.md. ``lang`` (such as "de")
    prefers that language's words. Raises UnknownQuery.
    """
    return _Query(query, lang.split("-")[0].lower() if lang else None).understanding()


def as_name(query: str, lang: str | None = None) -> Understanding:
    """``query`` as a name to look for in what a source has, its place set apart. Raises UnknownQuery when nothing is
    left of it."""
    asked = _Query(query, lang.split("-")[0].lower() if lang else None)
    name, place = asked.name_and_place()
    if not name:
        raise UnknownQuery(query, ())
    return Understanding(query, asked.lang, (Interpretation(query.strip(), 0.3, "name", name=name),), place)


class _Query:
    def __init__(self, query: str, lang: str | None) -> None:
        self.query = query
        self.lang = lang
        self.words = dictionary()
        self.atoms = atoms(query)

    def understanding(self) -> Understanding:
        if not self.atoms:
            raise UnknownQuery(self.query, ())
        phrase, reading, guesses = self._best_reading()
        place = self._text(phrase) if phrase else None
        meanings = self._interpretations(guesses)
        if name := names.find(reading, guesses):
            others = (meaning for meaning in meanings if meaning.score >= THRESHOLD / 2)
            meanings = (self._name(name, meanings), *others)
        if not meanings or meanings[0].score < THRESHOLD:
            text, where = self.name_and_place()
            raise UnknownQuery(self.query, self._suggestions(meanings), name=text, place=where)
        return Understanding(self.query, self.lang, meanings, place)

    def _best_reading(self) -> tuple[PlacePhrase | None, Reading, dict[int, Guess]]:
        """The query without a place, or without one of those it may hold: what explains it best."""
        phrase, reading = None, Reading(self.atoms, self.words, self.lang)
        guesses = reading.guesses()
        best = _top(guesses)
        if best >= CERTAIN or names.known(self.atoms, self.words):
            return phrase, reading, guesses
        for candidate in places.find(self.atoms, self.words, self.lang):
            rest = [*self.atoms[: candidate.start], *self.atoms[candidate.end :]]
            if not rest or joined(self.atoms[candidate.start : candidate.end]) in names.LEGAL_FORMS:
                continue
            other = Reading(rest, self.words, self.lang)
            found = other.guesses()
            if candidate.certainty == places.GUESSED and not self._is_described(found):
                continue
            score = max(_top(found), 0.95 if names.known(rest, self.words) else 0.0) * candidate.certainty
            if score > best + 0.001:
                best, phrase, reading, guesses = score, candidate, other, found
        return phrase, reading, guesses

    def _is_described(self, guesses: Mapping[int, Guess]) -> bool:
        """Whether it is surely said what is sought, rather than of what kind that is which goes by its name, as hotels
        and restaurants do."""
        best = max(guesses.values(), key=lambda guess: guess.score, default=None)
        if best is None or best.score <= 0.9:
            return False
        category = self.words.categories[best.number]
        return category.is_trade or bool(best.modifiers) or " " in best.phrase

    def name_and_place(self) -> tuple[str, str | None]:
        """The query as a name, without a place that is surely one."""
        for phrase in places.find(self.atoms, self.words, self.lang):
            rest = [*self.atoms[: phrase.start], *self.atoms[phrase.end :]]
            if phrase.certainty >= 0.95 and rest:
                return self._folded(rest), self._text(phrase)
        return self._folded(self.atoms), None

    def _text(self, phrase: PlacePhrase) -> str:
        return self.query[self.atoms[phrase.first].start : self.atoms[phrase.last - 1].end].strip(" ,.-")

    def _folded(self, some: Iterable[Atom]) -> str:
        """Their text as the names of businesses are compared."""
        spans = dict.fromkeys((atom.start, atom.end) for atom in some)
        merged: list[list[int]] = []
        for start, end in spans:
            if merged and merged[-1][1] == start:
                merged[-1][1] = end
            else:
                merged.append([start, end])
        return " ".join(filter(None, (fold(self.query[start:end]) for start, end in merged)))

    def _name(self, found: Name, meanings: Sequence[Interpretation]) -> Interpretation:
        text = found.text or self._folded(found.atoms)
        kind = meanings[0].tags if found.of_kind and meanings else ()
        return Interpretation(self.query.strip(), found.score, "name", kind, text, found.brands)

    def _interpretations(self, guesses: Mapping[int, Guess]) -> tuple[Interpretation, ...]:
        labels = self.words.labels(self.lang)
        ranked = sorted(guesses.values(), key=lambda guess: -guess.score)[:40]
        meanings: list[Interpretation] = []
        taken: set[int] = set()
        for guess in ranked:
            if guess.number in taken or len(meanings) == MAX_ALTERNATIVES:
                continue
            same = [guess, *(other for other in ranked if other.number not in taken and self._is_same(guess, other))]
            taken.update(other.number for other in same)
            tags = _union(self.words.categories[other.number] for other in same)
            meaning = self._interpretation(guess, labels[guess.number], tags)
            if any(all(tags in other.tags for tags in meaning.tags) for other in meanings):
                continue
            if (earlier := _overlapping(meanings, meaning)) is None:
                meanings.append(meaning)
            else:
                more = (tags for tags in meaning.tags if tags not in meanings[earlier].tags)
                meanings[earlier] = replace(meanings[earlier], tags=(*meanings[earlier].tags, *more))
        return tuple(meanings)

    def _interpretation(self, guess: Guess, label: str, tags: Sequence[Mapping[str, str]]) -> Interpretation:
        # What the kind says itself is not narrowed down to something else.
        own = {name for alternative in tags for name in alternative}
        modifiers = {name: value for name, value in guess.modifiers.items() if name not in own}
        return Interpretation(
            f"{label} ({', '.join(starmap(_said, modifiers.items()))})" if modifiers else label,
            min(guess.score, 1.0),
            guess.method,  # type: ignore[arg-type]
            tuple({**alternative, **modifiers} for alternative in tags),
            modifiers=modifiers,
            preferred=frozenset(name for name in modifiers if not self.words.rule(name).must),
        )

    def _is_same(self, one: Guess, two: Guess) -> bool:
        """One thing under two keys (a pizzeria as restaurant and as fast food) is one meaning. So is what a word of our
        lexicon stands for in the query's language, else in most that have the word (only Italians mean cafés by
        bar), and what a modifier means alone."""
        if one.number == two.number or two.score < one.score - 0.1 or one.modifiers != two.modifiers:
            return False
        ours, theirs = self.words.categories[one.number], self.words.categories[two.number]
        if ours.leaf == theirs.leaf or (ours.details and ours.details == theirs.details):
            return True
        if one.kind not in "wm" or one.kind != two.kind:
            return False
        asked = {self.lang} if self.lang in one.langs else one.langs
        return one.phrase == two.phrase and len(asked & two.langs) * 2 > len(asked)

    def _suggestions(self, meanings: Sequence[Interpretation]) -> tuple[str, ...]:
        """What was guessed but for too little reason, and labels spelt alike."""
        text = joined(self.atoms)[:40]
        labels = self.words.labels_like(text, self.lang)
        alike = sorted(((likeness(text, other), other) for other in labels), reverse=True)
        guessed = [meaning.label for meaning in meanings if meaning.score > THRESHOLD / 2]
        return tuple(dict.fromkeys([*(labels[other] for share, other in alike if share > 0.5), *guessed]))[:3]


def _overlapping(meanings: Sequence[Interpretation], one: Interpretation) -> int | None:
    """Which of the meanings is nearly as likely and shares an alternative: "pizza" is a kind, and narrows down."""
    for at, other in enumerate(meanings):
        if other.score - one.score < 0.1 and any(tags in other.tags for tags in one.tags):
            return at
    return None


def _said(key: str, value: str) -> str:
    """A narrowing tag in a word."""
    return (key.rpartition(":")[2] if value == "yes" else value).replace("_", " ")


def _top(guesses: Mapping[int, Guess]) -> float:
    return max((guess.score for guess in guesses.values()), default=0.0)


def _union(categories: Iterable[Category]) -> tuple[Mapping[str, str], ...]:
    tags: list[Mapping[str, str]] = []
    for category in categories:
        tags.extend(wanted for wanted in category.alternatives if wanted not in tags)
    return tuple(tags)
