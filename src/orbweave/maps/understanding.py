"""What a query means: tag conditions with a confidence, or a name to look for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from orbweave.errors import InvalidInput
from orbweave.locations import fold
from orbweave.maps import packaged
from orbweave.maps.dictionary import KINDS, Category, Dictionary, Hit, dictionary, has_tags
from orbweave.maps.text import inflected, is_unspaced, likeness, parts, slips, stump

Method = Literal["exact", "inflected", "phrase", "spelling", "compound", "name"]

THRESHOLD = 0.4
"""Below this a guess is more often wrong than right: better no answer than other businesses."""

SURE = 0.55
"""Below this a known name is the likelier meaning."""

VAGUE = 0.8
"""How much less a mere term says when it is but part of the query or misspelt."""

MAX_WORDS = 12
MAX_ALTERNATIVES = 5
_KIND_WEIGHT = {"w": 1.0, "n": 0.98, "a": 0.96, "t": 0.9}
# What makes the rest a company's name, whatever words it has.
_LEGAL_FORMS_TEXT = """
    ag gmbh ug kg ohg gbr ltd limited llc llp inc plc corp sa sarl sas srl spa bv nv oy ab as aps sro kft doo group
    holding sons
"""
_LEGAL_FORMS = frozenset(_LEGAL_FORMS_TEXT.split())
_ELISION = re.compile(r"\b(?:l|d|qu|dell|all|nell|sull|un)['’](?=\w{3})", re.IGNORECASE)


class UnknownQuery(InvalidInput):
    """No kind of business and no known name. ``suggestions`` are near terms that would be understood."""

    def __init__(self, query: str, suggestions: tuple[str, ...]) -> None:
        hint = ", ".join(suggestions)
        super().__init__(
            f"{query.strip()[:80]!r} names no kind of business and no known business; "
            + (f"did you mean {hint}?" if hint else "try a word such as restaurant, dentist or hotel."),
            field="query",
        )
        self.suggestions = suggestions


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One meaning. Objects match that have all tags of one of ``tags`` (if any) and, with ``name``, these folded words
    in a name of theirs or one of ``brands`` (Wikidata ids). ``score`` is the confidence, 0..1."""

    label: str
    score: float
    method: Method
    tags: tuple[Mapping[str, str], ...] = ()
    name: str | None = None
    brands: tuple[str, ...] = ()

    def matches(self, tags: Mapping[str, str]) -> bool:
        if self.tags and not any(has_tags(tags, wanted) for wanted in self.tags):
            return False
        return self.name is None or self._is_named(tags)

    def _is_named(self, tags: Mapping[str, str]) -> bool:
        if self.brands and tags.get("brand:wikidata", tags.get("operator:wikidata")) in self.brands:
            return True
        return any(f" {self.name} " in f" {name} " for name in packaged.names_of(tags))

    def as_dict(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"tags": [dict(tags) for tags in self.tags], "label": self.label}
        if self.name is not None:
            shown["name"] = self.name
        return {**shown, "score": round(self.score, 3), "method": self.method}


@dataclass(frozen=True, slots=True)
class Understanding:
    """A query and what it may mean, likeliest first; ``best`` is what is searched for."""

    query: str
    lang: str | None
    interpretations: tuple[Interpretation, ...]

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

    def explain(self) -> dict[str, Any]:
        return {"query": self.query, "interpretations": [meaning.as_dict() for meaning in self.interpretations]}


class _Guess(NamedTuple):
    """``word``: the word of our own lexicon behind it, if it is one; ``langs``: the languages it is a word of."""

    score: float
    method: Method
    word: str | None
    langs: frozenset[str]


@dataclass(slots=True)
class _Guesses:
    """The best guess for each category (by number)."""

    dictionary: Dictionary
    lang: str | None
    found: dict[int, _Guess] = field(default_factory=dict)

    def add(self, phrase: str, method: Method, weight: float) -> None:
        for hit in self.dictionary.hits(phrase):
            score = weight * self._weight(hit, phrase)
            if hit.kind == KINDS["term"] and method not in ("exact", "inflected"):
                score *= VAGUE
            word = phrase if hit.kind == KINDS["word"] else None
            if hit.category not in self.found or score > self.found[hit.category].score:
                self.found[hit.category] = _Guess(score, method, word, hit.langs)

    def _weight(self, hit: Hit, phrase: str) -> float:
        category = self.dictionary.categories[hit.category]
        weight = _KIND_WEIGHT[hit.kind]
        if self.lang and self.lang not in hit.langs:
            weight *= 0.95 if "en" in hit.langs else 0.9
        else:
            weight += 0.001 * min(len(hit.langs), 10)
        if hit.kind in "at" and phrase.replace(" ", "_") == category.leaf:
            weight += 0.03
        if category.is_general:
            weight -= 0.05
        return weight - 0.01 * len(category.alternatives[0])

    @property
    def is_sure(self) -> bool:
        """Whether some category is called so, rather than merely described: terms also list well-known chains."""
        return any(guess.score > _KIND_WEIGHT["t"] + 0.04 for guess in self.found.values())

    @property
    def best(self) -> float:
        return max((guess.score for guess in self.found.values()), default=0.0)


@lru_cache(maxsize=4096)
def understand(query: str, lang: str | None = None) -> Understanding:
    """What ``query`` ("restaurants", "Zahnarzt", "歯医者", "vegan restaurant", a name) asks for.

    Tried in turn: the exact word; the exact name of a known business; other forms of the word; the longest part of the
    query that is understood, misspellings and compounds, each weighed by how much of the query it explains; a known
    name that has the words. ``lang`` (such as "de") prefers that language's words. Raises UnknownQuery.
    """
    words = dictionary()
    lang = lang.split("-")[0].lower() if lang else None
    whole = fold(_ELISION.sub("", query))
    if not whole:
        raise UnknownQuery(query, ())
    phrases = tuple(dict.fromkeys((whole, fold(query), _without_stopwords(whole, words))))
    guesses = _Guesses(words, lang)

    for phrase in phrases:
        guesses.add(phrase, "exact", 1.0)
    if not phrases[-1] and not guesses.is_sure:
        raise UnknownQuery(query, ())
    if not guesses.is_sure:
        for phrase in phrases:
            if (brands := words.brand(phrase)) or (not guesses.found and packaged.is_name(phrase)):
                meaning = Interpretation(query.strip(), 0.95, "name", name=phrase, brands=brands)
                return Understanding(query, lang, (meaning, *_interpretations(guesses)))
    # Also beside an exact hit: "restaurants" is a term of the food court, but the plural of the restaurant's own name.
    for phrase in phrases:
        _add_forms(guesses, phrase, "inflected", 1.0)
    if guesses.best < 0.8 and not _LEGAL_FORMS.intersection(whole.split()):
        _add_parts(guesses, phrases[-1])
    meanings = _interpretations(guesses)
    if guesses.best < SURE and (named := _named(query, phrases, guesses)):
        meanings = (named, *meanings)
    if not meanings or meanings[0].score < THRESHOLD:
        raise UnknownQuery(query, _suggestions(whole, words, lang))
    return Understanding(query, lang, meanings)


def _named(query: str, phrases: Iterable[str], guesses: _Guesses) -> Interpretation | None:
    """Known businesses with all the words in their names, or ("Hotel Adler") of the kind and with the other words."""
    for phrase in phrases:
        if packaged.is_in_name(phrase):
            return Interpretation(query.strip(), 0.6, "name", name=phrase)
        tokens = phrase.split(" ")
        kinds = [token for token in tokens if token in guesses.dictionary]
        name = " ".join(token for token in tokens if token not in guesses.dictionary)
        if kinds and len(name) > 2 and packaged.is_in_name(name):
            of_kind = _Guesses(guesses.dictionary, guesses.lang)
            of_kind.add(" ".join(kinds), "exact", 1.0)
            for meaning in _interpretations(of_kind)[:1]:
                return Interpretation(query.strip(), 0.58, "name", meaning.tags, name)
    return None


def _without_stopwords(phrase: str, words: Dictionary) -> str:
    """The phrase without what narrows nothing down."""
    tokens = phrase.split(" ")
    kept: list[str] = []
    at = 0
    while at < len(tokens):
        size = next((n for n in (4, 3, 2, 1) if " ".join(tokens[at : at + n]) in words.stopwords), 0)
        if not size:
            kept.append(tokens[at])
        at += size or 1
    return " ".join(kept)


def _add_forms(guesses: _Guesses, phrase: str, method: Method, weight: float) -> None:
    first = stump(phrase.split(" ")[0])
    for candidate in guesses.dictionary.beginning_with(first) if len(first) >= 3 else ():
        if candidate != phrase and (likeness := inflected(phrase, candidate)):
            guesses.add(candidate, method, weight * likeness)


def _add_slips(guesses: _Guesses, phrase: str, weight: float) -> None:
    certainty = 0.85 if len(phrase) > 5 else 0.6
    candidates = {candidate for candidate in slips(phrase) if candidate in guesses.dictionary}
    if not candidates and len(phrase) > 6:
        near = (word for word in guesses.dictionary.beginning_with(phrase[:3]) if abs(len(word) - len(phrase)) < 3)
        candidates = {word for word in near if likeness(word, phrase) > 0.75}
        certainty = 0.7
    for candidate in candidates:
        guesses.add(candidate, "spelling", weight * certainty)


def _add_parts(guesses: _Guesses, phrase: str) -> None:
    tokens = phrase.split(" ")[:MAX_WORDS]
    total = sum(map(len, tokens))
    for size in range(len(tokens), 0, -1):
        for at in range(len(tokens) - size + 1):
            part = tokens[at : at + size]
            share = sum(map(len, part)) / total
            text = " ".join(part)
            if share < 1:
                guesses.add(text, "phrase", share)
                if not guesses.dictionary.hits(text):
                    _add_forms(guesses, text, "phrase", share)
            if 4 <= len(text) <= 24 and size <= 2:
                _add_slips(guesses, text, share)
    for token in tokens:
        if len(token) >= 7 or is_unspaced(token):
            for piece in parts(token):
                if piece in guesses.dictionary:
                    guesses.add(piece, "compound", 0.95 * len(piece) / total)


def _interpretations(guesses: _Guesses) -> tuple[Interpretation, ...]:
    labels = guesses.dictionary.labels(guesses.lang)
    ranked = sorted(guesses.found.items(), key=lambda item: (-item[1].score, item[0]))
    meanings: list[Interpretation] = []
    taken: set[int] = set()
    for number, guess in ranked:
        if number in taken or len(meanings) == MAX_ALTERNATIVES:
            continue
        same = [number, *(other for other, _ in ranked if _is_same(guesses, number, other))]
        taken.update(same)
        tags = _union(guesses.dictionary.categories[other] for other in same)
        meanings.append(Interpretation(labels[number], min(guess.score, 1.0), guess.method, tags))
    return tuple(meanings)


def _is_same(guesses: _Guesses, number: int, other: int) -> bool:
    """One thing under two keys (a pizzeria as restaurant and as fast food) is one meaning. So is what a word of our
    lexicon stands for in the query's language, else in most that have the word (only Italians mean cafés by bar)."""
    one, two = guesses.found[number], guesses.found[other]
    if number == other or two.score < one.score - 0.1:
        return False
    if one.word:
        asked = {guesses.lang} if guesses.lang in one.langs else one.langs
        return one.word == two.word and len(asked & two.langs) * 2 > len(asked)
    categories = guesses.dictionary.categories
    return categories[number].leaf == categories[other].leaf


def _union(categories: Iterable[Category]) -> tuple[Mapping[str, str], ...]:
    tags: list[Mapping[str, str]] = []
    for category in categories:
        tags.extend(wanted for wanted in category.alternatives if wanted not in tags)
    return tuple(tags)


def _suggestions(phrase: str, words: Dictionary, lang: str | None) -> tuple[str, ...]:
    labels = {fold(label): label for label in (*words.labels(lang), *words.labels(None)) if label}
    return tuple(labels[key] for key in difflib.get_close_matches(phrase[:40], labels, n=3, cutoff=0.6))
