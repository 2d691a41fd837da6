"""What a query means: tag conditions with a confidence, or a name to look for; and where, if it says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import starmap
from typing import Any, Literal

from orbweave.errors import InvalidInput
from orbweave.locations import fold
from orbweave.maps.dictionary import KINDS, Category, dictionary, has_tags
from orbweave.maps.query import places
from orbweave.maps.query.forms import likeness, slips
from orbweave.maps.query.places import PlacePhrase
from orbweave.maps.query.reading import Guess, Reading
from orbweave.maps.query.text import Atom, atoms, joined

Method = Literal["exact", "inflected", "phrase", "spelling", "compound", "name"]

THRESHOLD = 0.5
"""Below this a guess is more often wrong than right: better no answer than other businesses."""

SURE = 0.55
"""Below this a known name is the likelier meaning."""

MAX_ALTERNATIVES = 5
# At its end or beginning, what makes the rest a company's name, whatever words it has.
_LEGAL_FORMS_TEXT = """
    ag gmbh mbh ug kg ohg gbr ev ltd limited llc llp inc plc corp sa sarl sas srl srls spa bv nv oy oyj ab as asa aps
    sro doo dd kft bt zrt nyrt rt eood ood ou sia uab spol zoo ооо оао зао пао ао тов еоод оод ип pty pte gk kk sl slu
    lda ltda eirl group holding sons brothers bros co cie fils freres sohne gebruder figli fratelli hijos hermanos
    filhos irmaos zonen gebroeders tarsa tarsai synowie synove synovia sinovi sonner soner pojat
"""
_LEGAL_FORMS = frozenset(_LEGAL_FORMS_TEXT.split())
_UNSPACED_LEGAL_FORMS = ("株式会社", "有限会社", "有限公司", "주식회사")


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
        if named := self._named(reading, guesses):
            meanings = (named, *(meaning for meaning in meanings if meaning.score >= THRESHOLD * 0.5))
        if not meanings or meanings[0].score < THRESHOLD:
            name, where = self.name_and_place()
            raise UnknownQuery(self.query, self._suggestions(meanings), name=name, place=where)
        return Understanding(self.query, self.lang, meanings, place)

    def _best_reading(self) -> tuple[PlacePhrase | None, Reading, dict[int, Guess]]:
        """The query without a place, or without one of those it may hold: what explains it best."""
        phrase, reading = None, Reading(self.atoms, self.words, self.lang)
        guesses = reading.guesses()
        best = _top(guesses)
        if best >= 0.985 or self._known_name(self.atoms):
            return phrase, reading, guesses
        for candidate in places.find(self.atoms, self.words, self.lang):
            rest = [*self.atoms[: candidate.start], *self.atoms[candidate.end :]]
            if not rest or joined(self.atoms[candidate.start : candidate.end]) in _LEGAL_FORMS:
                continue
            other = Reading(rest, self.words, self.lang)
            found = other.guesses()
            score = max(_top(found), 0.95 if self._known_name(rest) else 0.0) * candidate.certainty
            if score > best + 0.001:
                best, phrase, reading, guesses = score, candidate, other, found
        return phrase, reading, guesses

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

    def _known_name(self, some: Sequence[Atom]) -> str | None:
        """The known name that these atoms are, with or without the spaces."""
        spellings = (joined(some), "".join(atom.text for atom in some)) if some else ()
        return next((name for name in spellings if self.words.is_name(name)), None)

    def _named(self, reading: Reading, guesses: Mapping[int, Guess]) -> Interpretation | None:
        """The query as the name of a chain or business, where that is likelier than a kind."""
        content = [atom for at, atom in enumerate(reading.atoms) if at not in reading.noise]
        is_kind = any(
            guess.kind in "wnam"
            and guess.share == 1
            and guess.score > 0.93
            and (guess.method == "exact" or self.lang in guess.langs)
            for guess in guesses.values()
        )
        for some in (reading.atoms, content):
            if (known := self._known_name(some)) and not is_kind:
                return self._name(some, 0.95, self.words.brand(known))
        if not content:
            return None
        if rest := self._name_beside_kind(content):
            kinds = self._interpretations(guesses)[:1]
            brands = self.words.brand(joined(rest))
            return replace(self._name(rest, 0.9, brands), tags=() if brands or not kinds else kinds[0].tags)
        if self._is_company(reading.atoms):
            return self._name(reading.atoms, 0.6, ())
        if is_kind:
            return None
        is_odd = any(atom.text not in self.words.vocabulary for atom in content)
        if is_odd and _top(guesses) < 0.8 and (near := self._near_brand(joined(content))):
            return near
        if len(reading.atoms) > 1 and guesses:
            likeliest = max(guesses.values(), key=lambda guess: (guess.method != "spelling", guess.score))
            if self._is_titled(reading) or reading.has_proper_name(likeliest):
                return self._name(content, 0.6, ())
        return None

    def _is_titled(self, reading: Reading) -> bool:
        """Whether it is written as a title is, "The Fresh Market", beginning with an article."""
        first, *rest = reading.atoms
        article = 0 in reading.noise and len(first.text) <= 3 and first.capital
        return article and bool(rest) and all(atom.capital for atom in rest) and joined(reading.atoms) not in self.words

    def _is_company(self, some: Sequence[Atom]) -> bool:
        """Whether a legal form stands at the beginning or end of something else."""
        ends = {some[0].text, some[-1].text}
        legal = ends & _LEGAL_FORMS or any(form in self.query for form in _UNSPACED_LEGAL_FORMS)
        return len(some) > 1 and bool(legal) and joined(some) not in self.words

    def _near_brand(self, text: str) -> Interpretation | None:
        """A chain whose name is a slip away."""
        if not 6 <= len(text) <= 24 or text in self.words:
            return None
        near = {other: self.words.brand(other) for other in slips(text) if self.words.is_name(other)}
        near = {other: brands for other, brands in near.items() if brands}
        if not near:
            return None
        brands = tuple(dict.fromkeys(brand for name in sorted(near) for brand in near[name]))
        return Interpretation(self.query.strip(), 0.7, "name", name=max(near, key=len), brands=brands)

    def _name(self, some: Sequence[Atom], score: float, brands: tuple[str, ...]) -> Interpretation:
        return Interpretation(self.query.strip(), score, "name", name=self._folded(some), brands=brands)

    def _name_beside_kind(self, content: Sequence[Atom]) -> Sequence[Atom] | None:
        """The known name that is left of "Shell petrol station" without the words that are no name."""
        if joined(content) in self.words:
            return None
        for cut in range(1, len(content)):
            for kind, rest in ((content[:cut], content[cut:]), (content[cut:], content[:cut])):
                text = joined(rest)
                if self.words.is_name(text) and self._is_only_name(text, rest) and self._suits(text, joined(kind)):
                    return rest
        return None

    def _suits(self, name: str, kind: str) -> bool:
        """Whether what is called ``name`` may be of what is called ``kind``."""
        kinds = [self.words.categories[hit.number] for hit in self.words.hits(kind) if hit.kind != KINDS["modifier"]]
        if self.words.brand(name):
            return any(self.words.is_branded(name, category) for category in kinds)
        return bool(kinds)

    def _is_only_name(self, text: str, some: Sequence[Atom]) -> bool:
        """Whether a known name is no word as well, but one that describes a kind by its best-known chain."""
        if hits := self.words.hits(text):
            return bool(self.words.brand(text)) and all(hit.kind == KINDS["term"] for hit in hits)
        return text not in self.words.vocabulary or all(atom.capital for atom in some)

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
            meanings.append(self._interpretation(guess, labels[guess.number], tags))
        return tuple(meanings)

    def _interpretation(self, guess: Guess, label: str, tags: Iterable[Mapping[str, str]]) -> Interpretation:
        narrowed = tuple({**guess.modifiers, **alternative} for alternative in tags)
        narrowed = tuple(dict(sorted(one.items(), key=lambda tag: tag[0] in guess.modifiers)) for one in narrowed)
        preferred = frozenset(name for name in guess.modifiers if not self.words.rule(name).must)
        return Interpretation(
            f"{label} ({', '.join(starmap(_said, guess.modifiers.items()))})" if guess.modifiers else label,
            min(guess.score, 1.0),
            guess.method,  # type: ignore[arg-type]
            narrowed,
            modifiers=guess.modifiers,
            preferred=preferred,
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
