"""What a query means: tag conditions with a confidence, or a name to look for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from orbweave.errors import InvalidInput
from orbweave.locations import fold
from orbweave.maps import packaged
from orbweave.maps.dictionary import Category, Dictionary, Hit, dictionary, has_tags
from orbweave.maps.text import inflected, is_unspaced, parts, slips, stump

Method = Literal["exact", "inflected", "phrase", "spelling", "compound", "name"]

THRESHOLD = 0.4
"""Below this a guess is more often wrong than right: better no answer than other businesses."""

MAX_WORDS = 12
MAX_ALTERNATIVES = 5
_KIND_WEIGHT = {"w": 1.0, "n": 0.98, "a": 0.96, "t": 0.9}
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
    """One meaning: objects with all tags of one of ``tags``, or (``name``) with these folded words in their name.
    ``score`` is the confidence, 0..1."""

    label: str
    score: float
    method: Method
    tags: tuple[Mapping[str, str], ...] = ()
    name: str | None = None

    def matches(self, tags: Mapping[str, str]) -> bool:
        if self.name is not None:
            return any(f" {self.name} " in f" {name} " for name in packaged.names_of(tags))
        return any(has_tags(tags, wanted) for wanted in self.tags)

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


@dataclass(slots=True)
class _Guesses:
    """The best score and method found for each category."""

    dictionary: Dictionary
    lang: str | None
    found: dict[int, tuple[float, Method]] = field(default_factory=dict)

    def add(self, phrase: str, method: Method, weight: float) -> None:
        for hit in self.dictionary.hits(phrase):
            score = weight * self._weight(hit, phrase)
            if score > self.found.get(hit.category, (0.0, method))[0]:
                self.found[hit.category] = (score, method)

    def _weight(self, hit: Hit, phrase: str) -> float:
        category = self.dictionary.categories[hit.category]
        weight = _KIND_WEIGHT[hit.kind]
        if self.lang and self.lang not in hit.langs:
            weight *= 0.95 if "en" in hit.langs else 0.9
        else:
            weight += 0.001 * min(len(hit.langs), 10)
        if phrase.replace(" ", "_") == category.leaf:
            weight += 0.03
        if category.is_general:
            weight -= 0.05
        return weight - 0.01 * len(category.alternatives[0])

    @property
    def best(self) -> float:
        return max((score for score, _ in self.found.values()), default=0.0)


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
    phrases = list(dict.fromkeys((whole, fold(query), _without_stopwords(whole, words))))
    guesses = _Guesses(words, lang)

    for phrase in phrases:
        guesses.add(phrase, "exact", 1.0)
    if not guesses.found:
        for phrase in phrases:
            if packaged.is_name(phrase):
                return Understanding(query, lang, (_named(query, phrase, 0.95),))
    # Also beside an exact hit: "restaurants" is a term of the food court, but the plural of the restaurant's own name.
    for phrase in phrases:
        _add_forms(guesses, phrase, "inflected", 1.0)
    if guesses.best < 0.8:
        _add_parts(guesses, phrases[-1])
    meanings = _interpretations(guesses)
    if not meanings or meanings[0].score < THRESHOLD:
        for phrase in phrases:
            if packaged.is_in_name(phrase):
                return Understanding(query, lang, (_named(query, phrase, 0.5), *meanings))
        raise UnknownQuery(query, _suggestions(whole, words, lang))
    return Understanding(query, lang, meanings)


def _named(query: str, phrase: str, score: float) -> Interpretation:
    return Interpretation(query.strip(), score, "name", name=phrase)


def _without_stopwords(phrase: str, words: Dictionary) -> str:
    """The phrase without what narrows nothing down; whole when nothing else is left."""
    tokens = phrase.split(" ")
    kept: list[str] = []
    at = 0
    while at < len(tokens):
        size = next((n for n in (4, 3, 2, 1) if " ".join(tokens[at : at + n]) in words.stopwords), 0)
        if not size:
            kept.append(tokens[at])
        at += size or 1
    return " ".join(kept) or phrase


def _add_forms(guesses: _Guesses, phrase: str, method: Method, weight: float) -> None:
    first = stump(phrase.split(" ")[0])
    for candidate in guesses.dictionary.beginning_with(first) if len(first) >= 3 else ():
        if candidate != phrase and (likeness := inflected(phrase, candidate)):
            guesses.add(candidate, method, weight * likeness)


def _add_slips(guesses: _Guesses, phrase: str, weight: float) -> None:
    certainty = 0.85 if len(phrase) > 5 else 0.6
    for candidate in slips(phrase):
        if candidate in guesses.dictionary:
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
            if 4 <= len(text) <= 30:
                _add_slips(guesses, text, share)
    for token in tokens:
        if len(token) >= 7 or is_unspaced(token):
            for piece in parts(token):
                if piece in guesses.dictionary:
                    guesses.add(piece, "compound", 0.95 * len(piece) / total)


def _interpretations(guesses: _Guesses) -> tuple[Interpretation, ...]:
    categories, labels = guesses.dictionary.categories, guesses.dictionary.labels(guesses.lang)
    ranked = sorted(guesses.found.items(), key=lambda item: (-item[1][0], item[0]))
    meanings: list[Interpretation] = []
    taken: set[int] = set()
    for number, (score, method) in ranked:
        if number in taken or len(meanings) == MAX_ALTERNATIVES:
            continue
        # One thing under two keys (a pizzeria as restaurant and as fast food) is one meaning.
        same = [
            other
            for other, (their, _) in ranked
            if other == number or (categories[other].leaf == categories[number].leaf and their > score - 0.1)
        ]
        taken.update(same)
        tags = _union(categories[other] for other in same)
        meanings.append(Interpretation(labels[number], min(score, 1.0), method, tags))
    return tuple(meanings)


def _union(categories: Iterable[Category]) -> tuple[Mapping[str, str], ...]:
    tags: list[Mapping[str, str]] = []
    for category in categories:
        tags.extend(wanted for wanted in category.alternatives if wanted not in tags)
    return tuple(tags)


def _suggestions(phrase: str, words: Dictionary, lang: str | None) -> tuple[str, ...]:
    labels = {fold(label): label for label in (*words.labels(lang), *words.labels(None)) if label}
    return tuple(labels[key] for key in difflib.get_close_matches(phrase[:40], labels, n=3, cutoff=0.6))
