"""What people type as keys of the dictionary: one spelling, cut into atoms. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise

from orbweave.locations import fold

# What Romance languages tie to the next word: d'hôtes, l'hôpital, dell'auto.
_ELISION = re.compile(
    r"\b(?:l|d|s|j|n|m|qu|lorsqu|jusqu|un|all|dall|dell|nell|sull|quell|bell)['’ʼ](?=[^\W\d_]{2})", re.IGNORECASE
)
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_UNSPACED_SPACE = re.compile(rf"(?<=[{_UNSPACED}]) | (?=[{_UNSPACED}])")
_UNSPACED_CHAR = re.compile(f"[{_UNSPACED}]")
_RUNS = re.compile(rf"[{_UNSPACED}\u0300-\u036f\u3099\u309a]+|[^{_UNSPACED}]+")
_ARABIC = re.compile("[\u0621-\u06ff]")
_ARABIC_LETTERS = str.maketrans({"ى": "ي", "ی": "ي", "ئ": "ي", "ک": "ك", "ة": "ه", "ۀ": "ه", "ؤ": "و", "ء": None})
_ARABIC_ARTICLE = re.compile(r"\b(?:و?ال|لل)(?=\w{3})")
_MOST = 48
_POSSESSIVE = re.compile(r"\w['’]s$")
_TAIL = re.compile(r"\w{3}['’](\w{1,4})$")
_CHUNK = re.compile(r"[^\s,;/|()\[\]{}\"“”„«»<>·•、。，！？!?:：；（）「」]+")


@lru_cache(maxsize=8192)
def key(text: str) -> str:
    """``text`` in the one spelling that the dictionary is in: folded, without articles tied to the word, and without
    spaces where the script has none."""
    folded = fold(_ELISION.sub("", text))
    if folded.isascii():
        return folded
    if _ARABIC.search(folded):
        folded = _ARABIC_ARTICLE.sub("", folded.translate(_ARABIC_LETTERS))
    return _UNSPACED_SPACE.sub("", folded)


def is_unspaced(text: str) -> bool:
    """Whether it is in a script without spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese; Korean too,
    whose particles cling to the word)."""
    return _UNSPACED_CHAR.search(text) is not None


@dataclass(frozen=True, slots=True)
class Atom:
    """A word, or a character of an unspaced script. ``start`` and ``end`` say where it stands in the query; ``capital``
    whether it is written like a name, with a capital or with 's; ``comma`` whether something parts it from the atom
    before; ``tail`` how many letters an apostrophe parts from its end (Kadıköy'de)."""

    text: str
    start: int
    end: int
    capital: bool = False
    comma: bool = False
    tail: int = 0

    @property
    def unspaced(self) -> bool:
        return is_unspaced(self.text)

    @property
    def is_possessive(self) -> bool:
        """Whether it is written as someone's: Joe's."""
        return self.capital and self.tail == 1 and self.text.endswith("s")

    @property
    def weight(self) -> int:
        """How much it says, roughly in letters; short words are words too, and long ones no sentences."""
        return 3 * len(self.text) if self.unspaced else 1 + min(len(self.text), 9)


def atoms(query: str) -> list[Atom]:
    """The query cut up; no more than the first 16 words (or 48 characters of an unspaced script): the rest of a text is
    no query."""
    plain = _ELISION.sub(lambda match: " " * len(match[0]), query)
    found: list[Atom] = []
    cased = not query.isupper()
    before = 0
    for chunk in _CHUNK.finditer(plain):
        between = plain[before : chunk.start()]
        comma = bool(found) and bool(between.strip())
        before = chunk.end()
        for atom in _of_chunk(chunk[0], chunk.start()):
            found.append(replace(atom, capital=cased and atom.capital, comma=comma))
            comma = False
    room = accumulate(1 if atom.unspaced else 3 for atom in found)
    return [atom for atom, used in zip(found, room, strict=True) if used <= _MOST]


def _of_chunk(chunk: str, start: int) -> Iterator[Atom]:
    if not is_unspaced(chunk):
        capital = chunk[0].isupper() or _POSSESSIVE.search(chunk) is not None
        tail = _TAIL.search(chunk)
        for word in key(chunk).split():
            yield Atom(word, start, start + len(chunk), capital, tail=len(tail[1]) if tail else 0)
        return
    for run in _RUNS.finditer(chunk):
        text, at = key(run[0]), start + run.start()
        if not is_unspaced(text):
            for word in text.split():
                yield Atom(word, at, at + len(run[0]), run[0][0].isupper())
        elif len(text) == len(run[0]):
            for offset, char in enumerate(text):
                yield Atom(char, at + offset, at + offset + 1)
        else:
            for char in text.replace(" ", ""):
                yield Atom(char, at, at + len(run[0]))


def joined(some: Sequence[Atom]) -> str:
    """The key of a stretch of the query."""
    text = some[0].text
    for before, after in pairwise(some):
        text += after.text if before.unspaced or after.unspaced else f" {after.text}"
    return text


def other_kana(text: str) -> Iterator[str]:
    """Japanese text all in katakana, and all in hiragana, where that is another spelling."""
    for first, last, shift in (("ぁ", "ゖ", 96), ("ァ", "ヶ", -96)):
        other = "".join(chr(ord(char) + shift) if first <= char <= last else char for char in text)
        if other != text:
            yield other
