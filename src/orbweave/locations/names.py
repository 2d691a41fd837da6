"""Names and queries folded to one spelling, so that what people type meets what the data says."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not decompose, though keyboards without them write the base letter.
_BASE = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŧ": "t", "ŋ": "n"}
)
# Marks that readers leave out: Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowels and tatweel. The marks
# of other scripts (Indic vowels, Japanese voicing) carry the word and stay.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670]+")
_APOSTROPHES = re.compile(r"['’ʼ`´ʻʹ׳״]+")
_SEPARATORS = re.compile(r"[\W_]+", re.ASCII)
_PUNCTUATION = re.compile(r"[^\w\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+|_")


def fold(text: str) -> str:
    """``text`` in lower case without accents, punctuation or doubled spaces; ``""`` when nothing is left."""
    if text.isascii():
        folded = text.lower().replace("'", "").replace("`", "")
        return _SEPARATORS.sub(" ", folded).strip()
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_BASE)
    folded = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", folded)))
    return " ".join(_PUNCTUATION.sub(" ", _APOSTROPHES.sub("", folded)).split())
