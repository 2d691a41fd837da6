"""Words of other alphabets as people type them on a Latin keyboard, so loosely that both spellings meet. Pure."""

from __future__ import annotations

import re

_CYRILLIC = {
    **dict(zip("абвгдезиклмнопрстуф", "abvgdeziklmnoprstuf", strict=True)),
    "ж": "z",
    "х": "h",
    "ц": "c",
    "ч": "c",
    "ш": "s",
    "щ": "s",
    "ъ": "",
    "ы": "i",
    "ь": "",
    "э": "e",
    "ю": "u",
    "я": "a",
    "є": "e",
    "і": "i",
    "ґ": "g",
    "ў": "u",
    "ј": "i",
    "љ": "li",
    "њ": "ni",
    "ћ": "c",
    "ђ": "d",
    "џ": "d",
    "ѓ": "g",
    "ќ": "k",
    "ѕ": "z",
    "қ": "k",
    "ғ": "g",
    "ң": "n",
    "ү": "u",
    "ұ": "u",
    "һ": "h",
    "ө": "o",
    "ә": "a",
}
_GREEK = {
    **dict(zip("αβγδεζηικλμνξοπρσςτυφχψω", "abgdeziiklmnxoprsstifhpo", strict=True)),
    "θ": "t",
    "ξ": "ks",
    "ψ": "ps",
    "β": "v",
}
# Consonants alone: vowels are not written, or written as they like.
_SEMITIC = {
    **dict(zip("بتثجحخدذرزسشصضطظعغفقكلمنپچگڤ", "bttghhddrzsssdtz-gfkklmnpcgv", strict=True)),
    **dict(zip("בגדזחטכךלמםנןסעפףצץקרשת", "bgdzhtkklmmnns-ppcckrst", strict=True)),
}
_LETTERS = str.maketrans(_CYRILLIC | _GREEK)
_CONSONANTS = str.maketrans(_SEMITIC)
_NON_LATIN = re.compile("[\u0370-\u052f]")
_UNVOCALISED = re.compile("[\u05d0-\u06ff]")
_LOOSE = [
    (re.compile(pattern), plain)
    for pattern, plain in (
        ("shch|sch|sh", "s"),
        ("tch|ch|ts|tz", "c"),
        ("zh", "z"),
        ("kh", "h"),
        ("ph", "f"),
        ("th", "t"),
        ("ou", "u"),
        ("(?:[iyj])(?=[aeou])", ""),
        ("[yj]", "i"),
        ("w", "v"),
        ("q", "k"),
        ("x", "ks"),
        (r"(\w)\1+", r"\1"),
    )
]
_DIGITS = str.maketrans({"3": "-", "7": "h", "5": "h", "9": "s", "2": "-", "8": "k", "6": "t"})


def sound(text: str) -> str:
    """What a word in Latin, Cyrillic or Greek letters sounds like, in Latin letters."""
    if _NON_LATIN.search(text):
        text = text.translate(_LETTERS)
    for pattern, plain in _LOOSE:
        text = pattern.sub(plain, text)
    return text


def skeleton(text: str) -> str:
    """The consonants of an Arabic, Persian or Hebrew word, or of its Latin spelling with digits for lost letters."""
    written = _UNVOCALISED.search(text) is not None
    text = text.translate(_CONSONANTS) if written else sound(text.translate(_DIGITS))
    return re.sub(r"(\w)\1+", r"\1", re.sub(r"[^b-df-hj-np-tv-xz ]", "", text))


def is_latin(text: str) -> bool:
    return text.isascii() or all(char < "\u0250" for char in text)


def is_sounded(text: str) -> bool:
    """Whether ``sound`` transliterates it."""
    return _NON_LATIN.search(text) is not None


def is_unvocalised(text: str) -> bool:
    return _UNVOCALISED.search(text) is not None
