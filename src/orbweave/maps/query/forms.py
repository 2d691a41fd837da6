"""Other spellings that may stand for a word: forms of it, other keyboards and alphabets, slips, parts of a compound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise, product
from typing import NamedTuple

from orbweave.maps.dictionary import Dictionary
from orbweave.maps.query.romanise import is_latin, is_unvocalised, skeleton, sound

_UMLAUT = re.compile("ae|oe|ue|aa")
_HEBREW_PREFIX = re.compile("^[הבלמשוכ](?=[א-ת]{3})")
_ARABIC_PREFIX = re.compile("^(?:[وبلفك]|و?ال|بال)(?=[\u0621-\u064a]{3})")
# Sounds between the parts of a compound.
_LINKS = ("", "s", "n", "en", "es", "e", "er", "o")
_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "абвгдежзиклмнопрстуфхцчшщъыьэюяі",
    "אבגדהוזחטיכלמנסעפצקרשת",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويپچگ",
)

# Languages that have letters with dots or rings; elsewhere short words with "oe" are no others.
_UMLAUTS = frozenset("de sv da no fi et hu tr az is nl af".split())  # noqa: SIM905

_NONE: frozenset[str] = frozenset()
WIDE = 4
"""Languages of a word that is known in many."""


class Form(NamedTuple):
    """A word of the vocabulary that may be meant; ``likeness`` 0..1; ``langs`` where it is known in which languages the
    two are forms of one word."""

    text: str
    likeness: float
    method: str
    langs: frozenset[str] | None = None


def umlauts(word: str) -> Iterator[str]:
    """The word with ae, oe, ue, aa read as the letters they stand for on other keyboards."""
    pieces = _UMLAUT.split(word)
    pairs = _UMLAUT.findall(word)
    if not pairs or len(pairs) > 3:
        return
    for chosen in product(*((pair[0], pair) for pair in pairs)):
        text = pieces[0] + "".join(letter + piece for letter, piece in zip(chosen, pieces[1:], strict=True))
        if text != word:
            yield text


# Languages whose speakers share most words.
_KIN = [{"sr", "hr", "bs"}, {"no", "da"}, {"cs", "sk"}, {"gl", "pt"}, {"id", "ms"}]


@lru_cache(maxsize=256)
def kin(lang: str | None) -> frozenset[str] | None:
    """The languages whose words a query in ``lang`` may have in other forms: its own, its nearest relatives', English;
    None is any."""
    return frozenset({lang, "en"}.union(*(group for group in _KIN if lang in group))) if lang else None


@lru_cache(maxsize=8192)
def inflected(word: str, words: Dictionary, lang: str | None) -> tuple[Form, ...]:
    """Words of the vocabulary with the same beginning and another ending of one language."""
    found = []
    asked = kin(lang)
    for size in range(min(7, len(word) - 3), -1, -1):
        ours = word[len(word) - size :]
        langs = words.endings.get(ours, _NONE) if ours else asked
        if langs is not None and asked is not None:
            langs &= asked
        stem = word[: len(word) - size]
        if langs == _NONE or len(stem) * 2 < len(word):
            continue
        for theirs, known in _endings_of(words, asked, _alphabet(word)):
            # A short word has too many neighbours.
            if stem + theirs not in words.vocabulary or (
                len(stem) == 3 and max(size, len(theirs)) > (2 if lang else 1)
            ):
                continue
            shared = known if langs is None else langs if known is None else langs & known
            if theirs != ours and shared != _NONE:
                likeness = 0.99 - 0.02 * max(size, len(theirs)) - (0.05 if ours and theirs else 0.0)
                found.append(Form(stem + theirs, likeness, "inflected", shared))
    return tuple(found)


@lru_cache(maxsize=512)
def _endings_of(
    words: Dictionary, asked: frozenset[str] | None, alphabet: int
) -> list[tuple[str, frozenset[str] | None]]:
    """Endings with their languages, of those ``asked``; nothing at all, with None, is one."""
    known: list[tuple[str, frozenset[str] | None]] = [
        (ending, langs)
        for ending, langs in words.endings.items()
        if (asked is None or langs & asked) and _alphabet(ending) == alphabet
    ]
    return [("", None), *known]


def _alphabet(text: str) -> int:
    """A number for its script, well enough: the half of a Unicode block."""
    return ord(text[-1]) >> 7


def respelt(word: str, words: Dictionary, lang: str | None) -> Iterator[Form]:
    """The word from a keyboard without umlauts, or with a particle tied to it (Arabic, Hebrew)."""
    for other in umlauts(word):
        if len(other) < 4 and lang not in _UMLAUTS:
            continue
        if other in words.vocabulary:
            yield Form(other, 0.97, "inflected")
        for form in inflected(other, words, lang):
            yield form._replace(likeness=form.likeness - 0.02)
    for prefix in (_HEBREW_PREFIX, _ARABIC_PREFIX):
        if (bare := prefix.sub("", word)) != word and bare in words.vocabulary:
            yield Form(bare, 0.95, "inflected")


def heard(phrase: str, words: Dictionary, lang: str | None) -> Iterator[Form]:
    """Phrases of other alphabets written in Latin letters, or the other way round."""
    if not is_latin(phrase):
        if (latin := sound(phrase)) != phrase and latin in words:
            yield Form(latin, 0.85, "inflected")
        return
    if len(phrase) >= 4:
        for other in words.sounding_like(sound(phrase)):
            yield Form(other, 0.88, "inflected")
        if lang in ("ar", "fa", "ur", "he") and not is_unvocalised(phrase) and len(bones := skeleton(phrase)) >= 3:
            for other in words.sounding_like(f"~{bones}"):
                yield Form(other, 0.8, "spelling")


@lru_cache(maxsize=4096)
def misspelt(word: str, words: Dictionary, lang: str | None) -> tuple[Form, ...]:
    """Words of the vocabulary one slip away; for a long word, those two slips away that share most letters. Among the
    words of all languages one is near too many, so these must be long, or known in many."""
    if not 5 <= len(word) <= 24 or any(map(str.isdigit, word)):
        return ()
    near = {other for other in slips(word) if other in words.vocabulary or (" " in other and other in words)}
    if near or len(word) < 7:
        sure = 0.86 if len(word) > (5 if lang else 7) else 0.7 if lang or len(word) > 5 else 0.6
        return tuple(Form(other, sure, "spelling") for other in sorted(near))
    return tuple(
        Form(other, 0.75, "spelling")
        for other in words.beginning_with(word[:3], 3000)
        if " " not in other
        and likeness(other, word) > 0.5
        and differ_by(word, other, 2)
        and (lang or any(len(hit.langs) >= WIDE for hit in words.hits(other)))
    )


def differ_by(one: str, other: str, most: int) -> bool:
    """Whether at most so many letters are missing, doubled, swapped or wrong."""
    if abs(len(one) - len(other)) > most:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, theirs in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != theirs))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == theirs:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return False
    return row[-1] <= most


def slips(word: str) -> Iterator[str]:
    """Everything one missing, doubled, swapped or wrong letter (or space) away."""
    alphabet = next((letters for letters in _ALPHABETS if word[-1] in letters), "")
    for at in range(len(word)):
        before, after = word[:at], word[at + 1 :]
        yield before + after
        if after:
            yield before + after[0] + word[at] + after[1:]
        for letter in alphabet:
            yield before + letter + after
            yield before + letter + word[at:]
        if at:
            yield f"{before} {word[at:]}"
    for letter in alphabet:
        yield word + letter


def likeness(one: str, other: str) -> float:
    """Share of the letter pairs that two words have in common, 0..1 (Dice)."""
    ours, theirs = set(pairwise(one)), set(pairwise(other))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def splits(word: str) -> Iterator[tuple[str, str, str]]:
    """The ways to part a compound in two: beginning without, and with, the sound that ties it to the rest; the rest."""
    for at in range(3, len(word) - 3):
        for link in _LINKS:
            if not link or (word.endswith(link, 0, at) and at - len(link) >= 3):
                yield word[: at - len(link)], word[:at], word[at:]
