"""The packaged words: what people call each kind of business, and what they say beside it, in all languages.

The archive is written by ``python -m orbweave.maps.build dictionary``. Its members ``texts``, ``meanings`` and
``spoken`` have a line a word or phrase (sorted): its spelling as ``query.text.key`` makes it; what it means, numbers of
categories or modifiers with the kind of word (``85n 12t``); and in which languages (``de,en fr``). In ``texts`` the
labels of each language follow, a line a category.
"""

from __future__ import annotations

import gc
import json
import zipfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import islice

import brotli

from orbweave.maps.query.text import is_unspaced, key

ARCHIVE = files("orbweave.maps") / "data" / "dictionary.zip"
KINDS = {"word": "w", "second": "v", "name": "n", "alias": "a", "term": "t", "modifier": "m"}
_LANDMARKS = frozenset(("aeroway", "railway", "highway", "public_transport", "natural", "place", "waterway"))

_TRADES = frozenset(("craft", "shop", "office", "healthcare"))


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of business. An object is one when it has all the tags of one of ``alternatives`` (``*``: any value)."""

    id: str
    alternatives: tuple[dict[str, str], ...]

    @property
    def leaf(self) -> str:
        return self.id.rpartition("/")[2]

    @property
    def details(self) -> dict[str, str]:
        """What tells it from others under the same key, such as its cuisine."""
        return dict(list(self.alternatives[0].items())[1:])

    @property
    def is_landmark(self) -> bool:
        """What others are near or in rather than a business: an airport, a station, a beach."""
        return next(iter(self.alternatives[0])) in _LANDMARKS

    @property
    def is_trade(self) -> bool:
        """Whether people look for any of them nearby rather than for one by its name."""
        return any(next(iter(tags)) in _TRADES for tags in self.alternatives)

    @property
    def is_general(self) -> bool:
        """Whether it says little of what is done there: any shop, any company, something repaired."""
        return "*" in self.alternatives[0].values() or self.id in ("office/company", "shop/repair")

    def matches(self, tags: Mapping[str, str]) -> bool:
        return any(has_tags(tags, wanted) for wanted in self.alternatives)


@dataclass(frozen=True, slots=True)
class Modifier:
    """Tags that narrow a category down."""

    tags: dict[str, str]

    @property
    def key(self) -> str:
        return next(iter(self.tags))


@dataclass(frozen=True, slots=True)
class Rule:
    """How a modifier's key works: whether objects ``must`` have it; beginnings of the ids of the categories it goes
    with; ids of what it means without one."""

    must: bool
    goes_with: tuple[str, ...]
    alone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A word means a category or modifier: as what (a letter of KINDS) and in which languages."""

    number: int
    kind: str
    langs: frozenset[str]


def has_tags(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """A tag may hold several values, parted by semicolons; one is enough."""
    for name, value in wanted.items():
        held = tags.get(name)
        if held is None or held == "no":
            return False
        if value not in ("*", held) and value not in (part.strip() for part in held.split(";")):
            return False
    return True


class Dictionary:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        rows = (line.split("\t") for line in self._lines("categories"))
        self.categories = [Category(id_, tuple(map(json.loads, tags))) for id_, *tags in rows]
        self.modifiers = [Modifier(json.loads(line)) for line in self._lines("modifiers")]
        words, *labels = self._read("texts").decode().split("\n\f")
        self.words = words.split("\n")
        self._words = words
        self._position = dict(zip(self.words, range(len(self.words)), strict=True))
        self._meanings, self._spoken = self._lines("meanings"), self._lines("spoken")
        self._parsed: dict[str, tuple[Hit, ...]] = {}
        self._texts = {lang: lines for lang, _, lines in (text.partition("\n") for text in labels)}
        self.languages = frozenset(self._texts)
        self._labels: dict[str, list[str]] = {}

    def __contains__(self, phrase: str) -> bool:
        return phrase in self._position

    def hits(self, phrase: str) -> tuple[Hit, ...]:
        position = self._position.get(phrase)
        if position is None:
            return ()
        if phrase not in self._parsed:
            if len(self._parsed) > 10_000:
                self._parsed.clear()
            meanings = zip(self._meanings[position].split(" "), self._spoken[position].split(" "), strict=True)
            self._parsed[phrase] = tuple(Hit(int(one[:-1]), one[-1], _languages(langs)) for one, langs in meanings)
        return self._parsed[phrase]

    @cached_property
    def particles(self) -> dict[str, dict[str, frozenset[str]]]:
        """Part ("in", "near", "after", "noise", "talk") -> word or phrase -> languages."""
        found: dict[str, dict[str, frozenset[str]]] = {"in": {}, "near": {}, "after": {}, "noise": {}, "talk": {}}
        for line in self._lines("particles"):
            part, text, langs = line.split("\t")
            found[part][text] = _languages(langs)
        return found

    @cached_property
    def talk_heads(self) -> frozenset[str]:
        """What the phrases that say that nothing is sought begin with: words, characters where there are no spaces."""
        return frozenset(text[0] if is_unspaced(text) else text.split(" ")[0] for text in self.particles["talk"])

    @cached_property
    def endings(self) -> dict[str, frozenset[str]]:
        """Ending of an inflected word -> languages."""
        return {ending: _languages(langs) for ending, langs in self._pairs("endings")}

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """Key of a modifier -> how it works; "*" for all others."""
        rows = (line.split("\t") for line in self._lines("rules"))
        return {key: Rule(how == "must", tuple(ids.split()), tuple(alone.split())) for key, how, ids, alone in rows}

    def rule(self, name: str) -> Rule:
        return self.rules.get(name) or self.rules.get(f"{name.partition(':')[0]}:*") or self.rules["*"]

    @cached_property
    def number(self) -> dict[str, int]:
        return {category.id: number for number, category in enumerate(self.categories)}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every single word in the words and phrases: what is no one's name alone."""
        return frozenset(self._words.replace("\n", " ").split(" "))

    def is_name(self, name: str) -> bool:
        """Whether a chain or a packaged business is called so (a key)."""
        return name in self._names

    def brand(self, name: str) -> tuple[str, ...]:
        """Wikidata ids of the chains with this name (a key)."""
        ids, _, _ = self._names.get(name, "").partition("\t")
        return tuple(filter(None, ids.split(",")))

    def is_branded(self, name: str, category: Category) -> bool:
        """Whether a chain with this name has branches under a key of the category."""
        initials = self._names.get(name, "").rpartition("\t")[2]
        return any(tags_key[0] in initials for tags in category.alternatives for tags_key in list(tags)[:1])

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(self._pairs("names"))

    def sounding_like(self, sound: str) -> list[str]:
        """The words of other alphabets that sound so (``query.romanise``)."""
        return self._sounds.get(sound, "").split("\t") if sound in self._sounds else []

    @cached_property
    def _sounds(self) -> dict[str, str]:
        rows = (line.partition("\t") for line in self._lines("sounds"))
        return {sound: words for sound, _, words in rows}

    def is_place(self, name: str) -> bool:
        """Whether a country, region or larger town is called so (a key)."""
        return next(self.places_beginning_with(name, 1), None) == name

    def places_beginning_with(self, prefix: str, most: int) -> Iterator[str]:
        """At most so many names of places, in order. A binary search in lines is cheaper than a set of them all."""
        wanted, lines = prefix.encode(), self._places
        low, high = 0, len(lines) - 1
        while low < high:
            middle = (low + high) // 2
            start = lines.rfind(b"\n", 0, middle + 1)
            if lines[start + 1 : lines.find(b"\n", start + 1)] < wanted:
                low = middle + 1
            else:
                high = start
        at = lines.find(b"\n", low)
        while most and lines.startswith(wanted, at + 1):
            end = lines.find(b"\n", at + 1)
            if end < 0:
                return
            yield lines[at + 1 : end].decode()
            at, most = end, most - 1

    @cached_property
    def _places(self) -> bytes:
        return b"\n" + self._read("places") + b"\n"

    def beginning_with(self, prefix: str, most: int = 10_000) -> Iterator[str]:
        for word in islice(self.words, bisect_left(self.words, prefix), None):
            most -= 1
            if most < 0 or not word.startswith(prefix):
                return
            yield word

    def labels(self, lang: str | None) -> list[str]:
        """The name of each category, by its number, in ``lang`` where it is known, else in English."""
        lang = lang if lang in self.languages else "en"
        if lang not in self._labels:
            english, own = self._texts["en"].split("\n"), self._texts[lang].split("\n")
            self._labels[lang] = [label or fallback for label, fallback in zip(own, english, strict=True)]
        return self._labels[lang]

    def labels_like(self, text: str, lang: str | None) -> dict[str, str]:
        """The labels in ``lang`` and in English that begin with the same letter as ``text`` (a key), by their keys."""
        labels = dict.fromkeys((*self.labels(lang), *self.labels(None)))
        return {key(label): label for label in labels if label and key(label[0]) == text[:1]}

    def categories_of(self, tags: Mapping[str, str], lang: str | None) -> tuple[str, ...]:
        """What kinds of business the tags make, most special first, in words."""
        numbers = {
            number
            for key, held in tags.items()
            for value in ("*", *held.split(";"))
            for number in self._by_tag.get((key, value.strip()), ())
            if self.categories[number].matches(tags)
        }
        special = {number for number in numbers if not self.categories[number].is_general} or numbers
        labels = self.labels(lang)
        ranked = sorted(special, key=lambda number: (-len(self.categories[number].alternatives[0]), number))
        return tuple(dict.fromkeys(labels[number] for number in ranked))

    @cached_property
    def _by_tag(self) -> dict[tuple[str, str], list[int]]:
        index: dict[tuple[str, str], list[int]] = {}
        for number, category in enumerate(self.categories):
            for wanted in category.alternatives:
                index.setdefault(next(iter(wanted.items())), []).append(number)
        return index

    def _pairs(self, member: str) -> Iterator[tuple[str, str]]:
        for line in self._lines(member):
            head, _, rest = line.partition("\t")
            yield head, rest

    def _lines(self, member: str) -> list[str]:
        return self._read(member).decode().split("\n")

    def _read(self, member: str) -> bytes:
        """Brotli is as small as what archives know and read four times as fast."""
        text: bytes = brotli.decompress(self._archive.read(member))
        return text


@lru_cache(maxsize=4096)
def _languages(text: str) -> frozenset[str]:
    return frozenset(text.split(","))


@lru_cache(maxsize=1)
def dictionary() -> Dictionary:
    """The packaged one, read once (about 0.2 s)."""
    collecting = gc.isenabled()
    gc.disable()  # among so many strings that stay, looking for garbage takes longer than reading them
    try:
        words = Dictionary(zipfile.ZipFile(str(ARCHIVE)))
        _ = words.vocabulary, words.particles, words.endings, words.rules
    finally:
        if collecting:
            gc.enable()
    return words
