"""What the words beside a number say that it is: a phone, a fax, or something else (an account, an article). Pure.

The words live in ``data/phone_words.json``: language -> phone, fax, other -> words, lower case; accents don't matter.
Longer words also stand for what begins with them ("faxnummer", "телефоны")."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from importlib import resources

import orjson

from orbweave.site.kinds import fold


class Label(Enum):
    PHONE = "phone"
    FAX = "fax"
    BOTH = "both"
    OTHER = "other"


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[#№☎☏✆🕾🕿📞📱📲🤙📠🖷🖨]")
# Scripts that join words, or whose vowel signs are not letters: phrases are looked for anywhere.
_OTHER_SCRIPT = re.compile(r"[\u0590-\u0e7f\u10a0-\u10ff\u3000-\u9fff\uac00-\ud7af]")
# From how many letters on a word stands for those that begin with it, too.
_STEMS = {Label.FAX: 3, Label.PHONE: 5, Label.OTHER: 8}
_HEAD = 3
_REACH = 7
# 电 话
_SPACED_OUT = re.compile(r"(?<=[\u3400-\u9fff])[ \u3000]+(?=[\u3400-\u9fff])")
# "Tel. no.", "Fax (24h) is": they say nothing themselves.
_NUMBER_WORDS = frozenset(
    {"no", "nr", "num", "number", "numbers", "nummer", "numero", "numer", "numri", "n", "numar", "#", "№"}
    | {"cislo", "broj", "stevilka", "szam", "szama", "номер", "номера", "номери", "αριθμος", "αρ", "numara", "numarasi"}
    | {"so", "rakam", "tal", "numerot", "numeris", "numurs", "бр", "br", "c", "nro"}
)
_FILLERS = _NUMBER_WORDS | {
    "is",
    "ist",
    "es",
    "est",
    "e",
    "lautet",
    "the",
    "at",
    "on",
    "us",
    "uns",
    "de",
    "der",
    "free",
}
# T +423 …, F: …, (M) …
_LETTERS = {
    **dict.fromkeys(
        ("t", "p", "m", "d", "o", "h", "c", "ph", "tf", "g", "т", "м", "τ", "κ", "ت", "ط", "ט", "נ"), Label.PHONE
    ),
    **dict.fromkeys(("f", "fx", "ф", "φ", "ف", "פ"), Label.FAX),
}
_LETTER = re.compile(r"(?:^|[^\w'’&.\-]|(?<=[\s(/|+&])\W?)\(?([^\W\d_]{1,2})(\s?[.:)\]|/–-]{1,3}\s?|\s)[(\[]?\Z")
_LETTER_PAIR = re.compile(
    r"(?<![^\W_])([tpmт])\.? ?[/&+,|] ?([fф])\W{0,3}\Z|(?<![^\W_])([fф])\.? ?[/&+,|] ?([tpт])\W{0,3}\Z"
)
_JOINED = re.compile(
    r"[.:]? ?[/&+,|・·-] ?|\W{1,3}(?:und|and|et|e|y|i|a|u|og|och|ja|es|si|και|и|та|і|en|ve|or|oder|ou|o|nr|no|n)\W{1,3}"
)


class _Words:
    def __init__(self) -> None:
        data = resources.files("orbweave.site").joinpath("data/phone_words.json").read_bytes()
        self.exact: dict[str, Label] = {}
        # By their first letters: there are a thousand.
        self.stems: dict[str, list[tuple[str, Label]]] = {}
        self.phrases: list[tuple[str, Label]] = []
        languages: dict[str, dict[str, list[str]]] = orjson.loads(data)
        # A word that is a phone's in one language and something else in another says phone.
        for label in (Label.FAX, Label.PHONE, Label.OTHER):
            for words in languages.values():
                for word in words.get(label.value, ()):
                    folded = fold(word)
                    if _OTHER_SCRIPT.search(word):
                        self.phrases.append((folded, label))
                        continue
                    key = " ".join(_WORD.findall(folded))
                    self.exact.setdefault(key, label)
                    if len(key) >= _STEMS[label] and " " not in key:
                        self.stems.setdefault(key[:_HEAD], []).append((key, label))

    def word(self, word: str) -> Label | None:
        label = self.exact.get(word)
        if label is not None or len(word) < 4:
            return label
        if "telefon" in word and "fax" not in word:
            return Label.PHONE
        return next((label for stem, label in self.stems.get(word[:_HEAD], ()) if word.startswith(stem)), None)


@lru_cache(maxsize=1)
def _words() -> _Words:
    return _Words()


@lru_cache(maxsize=4_096)
def label_before(text: str) -> Label | None:
    """What ``text``, which ends where a number begins, says that the number is; None when it says nothing."""
    folded = fold(text)
    words = _words()
    if not folded.isascii():
        folded = _SPACED_OUT.sub("", folded)
    labels: list[tuple[int, int, Label]] = []
    if not folded.isascii() and _OTHER_SCRIPT.search(folded):
        for phrase, label in words.phrases:
            if (at := folded.rfind(phrase)) >= 0:
                labels.append((at, at + len(phrase), label))
    found = list(_WORD.finditer(folded))[-_REACH:]
    numbered = False
    adjacent = last = True
    latin: list[tuple[int, int, Label]] = []
    for index in range(len(found) - 1, -1, -1):
        word = found[index]
        pair = words.exact.get(f"{found[index - 1][0]} {word[0]}") if index else None
        said = pair or words.word(word[0])
        if said is not None and (said is not Label.OTHER or adjacent):
            latin.append((word.start(), word.end(), said))
            if len(latin) == 2 or said is Label.OTHER:
                break
        elif word[0] in _FILLERS:
            numbered = numbered or (last and word[0] in _NUMBER_WORDS)
            continue
        last = False
        if len(word[0]) > 3 or not text[word.start() : word.end()].isupper():
            # "HRB Freiburg 123": the seat of a register.
            adjacent = (
                adjacent and index == len(found) - 1 and text[found[index - 1].start() : word.start()].strip().isupper()
            )
    labels += latin
    letter = _letter(folded, text)
    if not labels:
        return letter or (Label.OTHER if numbered else None)
    labels.sort(key=lambda one: one[1], reverse=True)
    # Of two phrases that end together ("fax", "telefax") the longer one counts.
    start, end, label = min((one for one in labels if one[1] == labels[0][1]), key=lambda one: one[0])
    if letter is not None and len(folded) - end > 3:
        return letter
    if label is Label.OTHER:
        return label if len(folded) - end <= 12 else None
    for other_start, other_end, other in labels:
        if other_end <= start and {label, other} == {Label.PHONE, Label.FAX}:
            return Label.BOTH if _JOINED.fullmatch(folded, other_end, start) else label
        if other_start >= end:
            break
    return label


def label_after(text: str) -> Label | None:
    """What the first word of ``text``, which begins where a number ends, says: "(Fax)", "- mobile", "(t)"."""
    match = re.match(r"\W{0,4}", text)
    words = _WORD.findall(text[match.end() if match else 0 :])
    if not words and not _OTHER_SCRIPT.search(text):
        return None
    if words and len(words[0]) <= 2 and not _OTHER_SCRIPT.match(words[0]):
        opened = text[: match.end() if match else 0].rstrip().endswith(("(", "[", "/"))
        return _LETTERS.get(fold(words[0])) if opened else None
    lexicon = _words()
    opening = text[: match.end() if match else 0].rstrip()
    if opening.endswith(("(", "[")):
        # (Main fax line)
        words = _WORD.findall(text.partition(opening[-1])[2].partition(")")[0])[:4]
        label = next(filter(None, (lexicon.word(fold(word)) for word in words)), None)
    else:
        label = lexicon.word(fold(words[0])) if words else None
    if label is None and _OTHER_SCRIPT.search(text):
        label = label_before(text[:12])
    if label in (Label.PHONE, Label.FAX) and len(words) > 1:
        other = lexicon.word(fold(words[-1] if len(words) == 2 else words[1]))
        if {label, other} == {Label.PHONE, Label.FAX}:
            return Label.BOTH
    return label


def _letter(folded: str, text: str) -> Label | None:
    tail = folded[-12:]
    if _LETTER_PAIR.search(tail):
        return Label.BOTH
    match = _LETTER.search(tail)
    if match is None or match[1] not in _LETTERS or (match[1] == "c" and "č" in text[-8:].lower()):
        # "obj. č. 123": its number.
        return None
    # "Suite F 555 …" is no fax: a bare letter stands first.
    bare = match[2].isspace()
    before = tail[: match.start(1)].rstrip(" (")
    if bare and before and before[-1].isalnum():
        return None
    return _LETTERS[match[1]]
