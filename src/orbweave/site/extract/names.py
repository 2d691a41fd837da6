"""Which short texts are people's names, and which are their job titles. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from orbweave.site.kinds import fold, is_page_title

MAX_NAME = 60
MAX_TITLE = 100

# Degrees behind a name: "Nadia Okafor, DDS, MS".
_DEGREES = re.compile(r"(?:,? \((?:[A-Z][A-Za-z]{0,3}\.?){1,4}\)|, (?:[A-Z][A-Za-z]{0,3}\.?){1,4}(?=,|\Z))+\Z")
_NICKNAME = re.compile(r"\s[\"“„'‘(][^\W\d_]{2,15}[\"”“'’)](?=\s)")
_WORD = re.compile(r"[^\W\d_]+(?:['’`´\-.][^\W\d_]+)*[.,]?\Z")
_CASELESS_WORD = re.compile(r"[^\s\d_,;:!?()\[\]{}\"@/|<>+=%&*#.،؛؟]+\Z")
_INSTITUTION = re.compile(r"^(?:Dipl\S*|\S+ \((?:FH|TU|Univ\.?|BA|DH)\)) (?:\((?:FH|TU|Univ\.?|BA|DH)\) )?")
_COURTESY = re.compile(
    r"^(?:(?:Mr|Mrs|Ms|MR|MRS|MS|Ông|Bà|Miss|M|Mme|Mlle|Sig|Sig\.ra|Sr|Sra|Srta|Herrn?|Frau|Hr|Fr|Pan|Pani|Dhr|"
    r"Mevr)\.? |श्रीमती |श्री |г-н |г-жа )(?=\S+ \S)"
)
_ONE_LETTER = re.compile(r"^[\u0600-\u06ff]\. ?")
_HAN = re.compile(
    r"[\u4e00-\u9fff々ヶ]{1,4}[ 　][\u4e00-\u9fffぁ-ゖァ-ヶー々]{1,4}|[\u4e00-\u9fff々]{3,4}(?<!先生)(?<!女士)(?<!小姐)"
)
# Of menus and headings: products, news, contact, about us.
_NO_HAN_NAME = re.compile(
    "[们們品网網页頁闻聞联聯系繫购購询詢术術产產图圖务務销銷售报報营營业業费費价價问問说説载載览覽情運概採録録社課室部店院場]"
)
_PATRONYMICS = ("вич", "вна", "чна", "vich", "vna")
_KANA = re.compile(r"[ァ-ヶー]{2,8}[ 　・][ァ-ヶー]{2,10}")
_HANGUL = re.compile(r"[\uac00-\ud7a3]{2,4}|[\uac00-\ud7a3]{1,2} [\uac00-\ud7a3]{1,3}")
_CASELESS = re.compile(
    r"[\u0590-\u05ff\u0600-\u06ff\u0900-\u0dff\u0e00-\u0eff\u10a0-\u10ff\u1780-\u17ff]"
)  # Hebrew, Arabic, Indic, Thai, Georgian, Khmer
_STREET = re.compile(r"\w{3}(?:stra(?:ss|ß)e|gasse|platz|allee|straat|vägen|gatan|veien)\Z", re.IGNORECASE)
_SPLIT = re.compile(r"[\s/|,&()\[\]:;.\-–—·•+]+")


def is_name(text: str) -> bool:
    """Is all of ``text`` a person's name, for sure enough when a job title stands beside it?"""
    if not 2 <= len(text) <= MAX_NAME:
        return False
    if _HAN.fullmatch(text) or _KANA.fullmatch(text) or _HANGUL.fullmatch(text):
        return not (
            _is_known_title(text)
            or _NO_HAN_NAME.search(text)
            or is_page_title(text)
            or fold(text) in _name_words()["never"]
        )
    words = bare(text).split()
    return _are_name_words(words) and not is_title(text) and not is_page_title(text)


def shown(name: str) -> str:
    """``name`` as a list of people has it: without degrees that only engineers' cards spell out."""
    return _COURTESY.sub("", _ONE_LETTER.sub("", _INSTITUTION.sub("", name))).strip(" ,")


def bare(name: str) -> str:
    """``name`` without titles before and degrees behind it."""
    words = _NICKNAME.sub("", _DEGREES.sub("", shown(name))).split()
    honorifics = _name_words()["before"]
    while words and words[0].strip(".,").casefold() in honorifics:
        del words[0]
    return " ".join(words)


def is_of_no_name(word: str) -> bool:
    """Is ``word`` one of firms, streets and headings, and never part of a person's name?"""
    return fold(word.strip(".,;:")) in _name_words()["never"]


def has_honorific(name: str) -> bool:
    return name.split(" ", 1)[0].strip(".,").casefold() in _name_words()["before"]


def has_given_name(name: str, lang: str = "") -> bool:
    """Does the name ``name`` begin with a common given name, or hold one where ``lang`` has it?"""
    words, given = bare(name).split(), _given_names()
    if not words:
        return False
    places = [words[0]]
    if lang.startswith("hu"):
        places.append(words[-1])
    elif len(words) == 3 and words[2].lower().endswith(_PATRONYMICS):
        places.append(words[1])
    return any(fold(word.strip(".,")).partition("-")[0] in given for word in places)


def _are_name_words(words: list[str]) -> bool:
    if not 2 <= len(words) <= 5:
        return False
    if not all(_WORD.match(word) or (_CASELESS.match(word) and _CASELESS_WORD.match(word)) for word in words):
        return False
    whole = 0
    kinds = _name_words()
    for place, word in enumerate(words):
        letters = word.strip(".,")
        if letters in kinds["within"] and 0 < place < len(words) - 1:
            continue
        if (
            _STREET.search(letters)
            or not (letters[0].isupper() or _CASELESS.match(letters))
            or any(part in kinds["never"] for part in fold(letters).split("-"))
        ):
            return False
        if word[-1] == "," or (word[-1] == "." and len(letters) > 3 and place):
            return False
        whole += len(letters) > 1
    return whole >= 2 or (whole == 1 and all(word[-1] == "." for word in words[:-1]))


def is_title(text: str) -> bool:
    """Does short ``text`` hold a word that job titles are made of?"""
    return len(text) <= MAX_TITLE and _is_known_title(text)


@lru_cache(maxsize=8_192)
def _is_known_title(text: str) -> bool:
    words, stems, tails, phrases, unspaced = _titles()
    folded = fold(text)
    found = [word for word in _SPLIT.split(folded) if word]
    for place, word in enumerate(found):
        if word in words or word in phrases:
            known = True
        else:
            known = any(word[:size] in stems for size in range(3, len(word) + 1)) or word.endswith(tails)
        if known and not (word in _name_words()["surnames"] and 0 < place == len(found) - 1 < 3):
            return True
    if not text.isascii() and any(word in folded for word in unspaced):
        return True
    spaced = f" {' '.join(found)} "
    return any(phrase in spaced for phrase in phrases if " " in phrase)


@lru_cache(maxsize=1)
def _name_words() -> dict[str, frozenset[str]]:
    lines = resources.files("orbweave.site").joinpath("data/name_words.txt").read_text(encoding="utf-8").splitlines()
    parts = (line.partition(": ") for line in lines if not line.startswith("#"))
    return {name: frozenset(words.split()) for name, _, words in parts}


@lru_cache(maxsize=1)
def _given_names() -> frozenset[str]:
    text = resources.files("orbweave.site").joinpath("data/given_names.txt").read_text(encoding="utf-8")
    lines = (line.partition(": ")[2] for line in text.splitlines() if not line.startswith("#"))
    return frozenset(fold(name) for line in lines for name in line.split())


@lru_cache(maxsize=1)
def _titles() -> tuple[frozenset[str], frozenset[str], tuple[str, ...], frozenset[str], tuple[str, ...]]:
    words, stems, tails, phrases, unspaced = set(), set(), set(), set(), set()
    for word in _title_words():
        if word.startswith("*"):
            tails.add(word[1:])
        elif re.search(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", word):
            unspaced.add(word)
        elif word.endswith("*"):
            stems.add(word[:-1])
        elif _SPLIT.search(word):
            phrases.add(f" {' '.join(_SPLIT.split(word))} ")
        else:
            words.add(word)
    return frozenset(words), frozenset(stems), tuple(tails), frozenset(phrases), tuple(unspaced)


def _title_words() -> Iterator[str]:
    text = resources.files("orbweave.site").joinpath("data/job_titles.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            for word in line.partition(": ")[2].split(", "):
                yield fold(word.strip()) if not word.startswith("*") else f"*{fold(word[1:])}"
