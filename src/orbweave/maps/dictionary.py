"""The packaged words: what people call each kind of business, in all languages of the id tagging schema.

The archive is written by ``python -m orbweave.maps.build dictionary``. Its member ``words`` has a line a word or phrase
(folded, sorted) with its hits: number of a category, kind of word and languages, such as ``85nde,en``.
"""

from __future__ import annotations

import json
import re
import zipfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

ARCHIVE = files("orbweave.maps") / "data" / "dictionary.zip"
KINDS = {"word": "w", "name": "n", "alias": "a", "term": "t"}
_HIT = re.compile(r"(\d+)([wnat])(\S+)")


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of business. An object is one when it has all the tags of one of ``alternatives`` (``*``: any value)."""

    id: str
    alternatives: tuple[dict[str, str], ...]

    @property
    def leaf(self) -> str:
        return self.id.rpartition("/")[2]

    @property
    def is_general(self) -> bool:
        return "*" in self.alternatives[0].values()

    def matches(self, tags: Mapping[str, str]) -> bool:
        return any(has_tags(tags, wanted) for wanted in self.alternatives)


@dataclass(frozen=True, slots=True)
class Hit:
    """A word means a category: as what (a letter of KINDS) and in which languages."""

    category: int
    kind: str
    langs: frozenset[str]


def has_tags(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """A tag may hold several values, parted by semicolons; one is enough."""
    for key, value in wanted.items():
        held = tags.get(key)
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
        self._hits: dict[str, str] = dict(line.split("\t") for line in self._lines("words"))
        self.words = list(self._hits)
        self.stopwords = frozenset(self._lines("stopwords"))
        self.languages = frozenset(
            name.removeprefix("labels/") for name in archive.namelist() if name.startswith("labels/")
        )
        self._labels: dict[str, list[str]] = {}

    def __contains__(self, phrase: str) -> bool:
        return phrase in self._hits

    def hits(self, phrase: str) -> list[Hit]:
        found = _HIT.findall(self._hits.get(phrase, ""))
        return [Hit(int(number), kind, frozenset(langs.split(","))) for number, kind, langs in found]

    def brand(self, name: str) -> tuple[str, ...]:
        """Wikidata ids of the chains with this (folded) name."""
        return tuple(filter(None, self._brands.get(name, "").split(",")))

    @cached_property
    def _brands(self) -> dict[str, str]:
        return dict(line.split("\t") for line in self._lines("brands"))

    def beginning_with(self, prefix: str) -> Iterator[str]:
        for position in range(bisect_left(self.words, prefix), len(self.words)):
            if not self.words[position].startswith(prefix):
                return
            yield self.words[position]

    def labels(self, lang: str | None) -> list[str]:
        """The name of each category, by its number, in ``lang`` where it is known, else in English."""
        lang = lang if lang in self.languages else "en"
        if lang not in self._labels:
            english = self._lines("labels/en")
            own = english if lang == "en" else self._lines(f"labels/{lang}")
            self._labels[lang] = [label or fallback for label, fallback in zip(own, english, strict=True)]
        return self._labels[lang]

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

    def _lines(self, member: str) -> list[str]:
        return self._archive.read(member).decode().split("\n")


@lru_cache(maxsize=1)
def dictionary() -> Dictionary:
    """The packaged one, read once (about 0.1 s)."""
    return Dictionary(zipfile.ZipFile(str(ARCHIVE)))
