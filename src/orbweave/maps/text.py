"""Words that differ and still mean the same: endings, slips of a letter, compounds. Pure, over folded text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

# Endings of number, case and gender in the languages that people search in. Two words that share their beginning and
# go on with two of these are taken for forms of one word.
_ENDINGS_TEXT = """
    s es e n en er ern in innen inne i y ies ie a as o os is ia ias ios io x ux l r ar or ere erne
    na et ene ne ens ets erna arna orna
    ow ami ach om ej ek ka ki ke ku kou ko ky u um em ie iem ny ni nych ych ich ch ou
    k ok ak lar ler lari leri si t at it ja jen ien ista issa
    ai iai ui uri le ul ii ile lor ului
    ao oes aes eis ais al ale ali ans
    а я о е ы и у ю й ь ов ев ей ам ям ах ях ами ями ом ем ий ый ой ая яя ое ее ые ие ого его ему ому ок ки ка ек ци ц
    і ї ії ів їв та те ят ът
    α ας ες η ης ο ος ου οι ων ι ια ιου ιων ε ς εια ειο ειων
    ים ות ה יה ת
    ات ة ه ون ين ي
"""
_ENDINGS = frozenset(_ENDINGS_TEXT.split()) | {""}

_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "абвгдежзиклмнопрстуфхцчшщъыьэюяі",
    "אבגדהוזחטיכלמנסעפצקרשת",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىپچگک",
)


def inflected(one: str, other: str) -> float:
    """How surely two words or phrases are forms of one: 1.0 the same, 0.0 not at all."""
    if one == other:
        return 1.0
    ours, theirs = one.split(" "), other.split(" ")
    if len(ours) != len(theirs):
        return 0.0
    return min(map(_forms, ours, theirs))


def _forms(one: str, other: str) -> float:
    if one == other:
        return 1.0
    shared = _shared(one, other)
    ends = one[shared:], other[shared:]
    longest = max(map(len, ends))
    if shared < 3 or (shared == 3 and longest > 2) or shared * 2 < max(len(one), len(other)):
        return 0.0
    if ends[0] not in _ENDINGS or ends[1] not in _ENDINGS:
        return 0.0
    return 0.97 - 0.02 * (longest - 1) - (0.05 if all(ends) else 0.0)


def _shared(one: str, other: str) -> int:
    """Length of the common beginning."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (ours, theirs) in enumerate(pairs) if ours != theirs), min(len(one), len(other)))


def stump(word: str) -> str:
    """What all forms of the word begin with, or more."""
    return word[: max(3, len(word) - 4)]


def slips(phrase: str) -> Iterator[str]:
    """Everything one missing, doubled, swapped or wrong letter (or space) away, at most twice."""
    alphabet = next((letters for letters in _ALPHABETS if phrase[-1] in letters), "")
    for at in range(len(phrase)):
        before, after = phrase[:at], phrase[at + 1 :]
        yield before + after
        if after:
            yield before + after[0] + phrase[at] + after[1:]
        for letter in alphabet:
            yield before + letter + after
            yield before + letter + phrase[at:]
        if at:
            yield f"{before} {phrase[at:]}"
    for letter in alphabet:
        yield phrase + letter


def likeness(one: str, other: str) -> float:
    """Share of the letter pairs that two words have in common, 0..1 (Dice)."""
    ours, theirs = set(pairwise(one)), set(pairwise(other))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def parts(word: str) -> Iterator[str]:
    """Beginnings and ends of a compound, longest first; any stretch of a word in a script without spaces."""
    length = len(word)
    if is_unspaced(word):
        for size in range(min(length - 1, 12), 1, -1):
            for at in range(length - size, -1, -1):
                yield word[at : at + size]
        return
    for size in range(length - 2, 3, -1):
        yield word[length - size :]
        yield word[:size]


def is_unspaced(word: str) -> bool:
    """Whether the script writes without spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese; Korean
    too, whose particles cling to the word."""
    return any("\u0e00" <= char <= "\u0eff" or "\u1000" <= char <= "\u17ff" or char >= "\u3000" for char in word)
