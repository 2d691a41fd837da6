"""The words of postal addresses: streets, floors, states, and what is no part of one. Pure.

They live in ``data/address_words.json``."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

import orjson

MAX_CANDIDATES = 250
MAX_LENGTH = 200

# Between the parts of an address.
PART = re.compile(r"[\n,،|•·;►◊]|\s[–—/-]\s|(?<=[a-z]{4})\. (?=[A-Z])")
# "Head office: …", but not "Cad. No: 12".
LABEL = re.compile(r"\A[^:：\d]{2,40}(?<![Nn]o)(?<![Nn]r)(?<![Nn]o[.°])[:：]\s*")
WORD = re.compile(r"[^\W\d_](?:[\w'’]|\.(?=\w)|-(?=\w))*")
_SHORT_STREET = re.compile(
    r"(?:\A|(?<=[\s,]))(?:c/|(?:u|c|v|r|g|ch)\. |(?:ул|пр|пер|бул|вул|просп|наб)\.)", re.IGNORECASE
)


class Found(NamedTuple):
    """An address on one line, and where it stands."""

    value: str
    start: int
    end: int


class Lexicon:
    def __init__(self) -> None:
        data: dict[str, Any] = orjson.loads(
            resources.files("orbweave.site").joinpath("data/address_words.json").read_bytes()
        )
        self.street: frozenset[str] = frozenset(data["street"])
        self.phrases: tuple[str, ...] = tuple(data["street_phrases"])
        self.endings: tuple[str, ...] = tuple(data["street_endings"])
        # What has a name and no number.
        self.places: tuple[str, ...] = tuple(data["places"])
        self.suite: frozenset[str] = frozenset(data["suite"])
        self.stop: frozenset[str] = frozenset(data["stop"])
        self.particles: frozenset[str] = frozenset(data["particles"])
        self.us = frozenset(data["states"]["us"])
        self.au = frozenset(data["states"]["au"])
        self.numbers = tuple(f"{word} " for word in data["numbers"])
        self.label: frozenset[str] = frozenset(data["label"])
        self.box: tuple[str, ...] = tuple(data["box"])
        # Parts of the addresses of those whose services privacy notices name; what templates are filled with.
        self.nobody: tuple[str, ...] = (*data["vendors"], *data["made_up"])
        countries = {name: frozenset(codes) for name, codes in data["countries"].items()}
        # Whose postcode has four digits; whose follows the town; whose follows it and has four digits.
        self.four_digits = countries["four_digits"]
        self.code_last = countries["code_last"]
        self.four_digits_last = countries["four_digits_last"]
        # Where the street may follow the town; where the house number always comes first; where many have no postcode.
        self.street_last = countries["street_last"]
        self.town_first = countries["town_first"]
        self.no_code = countries["no_code"]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    return Lexicon()


def stops(segment: str) -> bool:
    """Is it no part of an address: a phone number, an e-mail address, opening hours, a register entry?"""
    if len(segment) > 160 or "@" in segment or "://" in segment or "©" in segment:
        return True
    known = lexicon()
    return any(word.lower().rstrip(".") in known.stop for word in WORD.findall(segment[-90:])) or (
        sum(map(str.isdigit, segment[-60:])) > 9
    )


def is_suite(segment: str) -> bool:
    """A floor, a flat, a building."""
    if len(segment) > 45:
        return False
    if segment.startswith("#"):
        return True
    known = lexicon()
    return any(word.lower().rstrip(".") in known.suite for word in WORD.findall(segment)) or bool(
        re.fullmatch(r"\d{1,2}(?:st|nd|rd|th|[.ºª°o])? ?[A-Za-z]?", segment)
    )


def is_box(segment: str) -> bool:
    lowered = segment.lower()
    return any(map(str.isdigit, lowered)) and lowered.startswith(lexicon().box) and len(lowered) < 30


def has_street_word(segment: str, shortest: int = 1) -> bool:
    """Is one of its words, of ``shortest`` letters at least, one for streets?"""
    known = lexicon()
    for word in WORD.findall(segment):
        lowered = word.lower().rstrip(".")
        if len(lowered) < shortest:
            continue
        if lowered in known.street or (len(lowered) > 4 and lowered.endswith(known.endings)):
            return True
    if not segment.isascii() and any(phrase in segment for phrase in known.phrases):
        return True
    return _SHORT_STREET.search(segment) is not None


def is_title(text: str) -> bool:
    """Are its words written with capitals, as in a name?"""
    words = [word for word in WORD.findall(text) if len(word) > 3]
    return bool(words) and all(word[0].isupper() for word in words)


def is_sentence(value: str) -> bool:
    words: list[str] = [word for word in WORD.findall(value) if len(word) > 4]
    small = sum(word[0].islower() for word in words)
    return small > 2 and small * 2 > len(words)


def is_nobodys(value: str) -> bool:
    """Is it a placeholder, or where Google, Meta, … are at home?"""
    lowered = value.lower()
    return any(part in lowered for part in lexicon().nobody)


def until_stop(line: str) -> str:
    """``line`` up to its phone number, e-mail address, …"""
    stop = lexicon().stop
    for word in WORD.finditer(line):
        if word[0].lower().rstrip(".") in stop:
            line = line[: word.start()]
            break
    return " ".join(line.split()).strip(" ,.;|-–•")


def ends_in_state(before: str, states: frozenset[str]) -> bool:
    """Is its last word the name or the letters of a state?"""
    words = WORD.findall(before)[-3:]
    if not words or not before[-1].isalpha():
        return False
    last = words[-1]
    if len(last) == 2 and not last.isupper() and not last.istitle():
        return False
    lowered = [word.lower().rstrip(".") for word in words]
    return lowered[-1] in states or " ".join(lowered[-2:]) in states
