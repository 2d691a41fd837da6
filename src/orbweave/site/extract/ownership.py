"""Whose are the contact details on a page? Its owner's, unless they say otherwise: names who made or hosts the site,
authorities and partners stand on the same pages. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

from orbweave.site import urls
from orbweave.site.extract.words import company_words
from orbweave.site.kinds import fold

_ALIKE = 5
_HEADING = 60
_FOLLOWING = 6
_WORD = re.compile(r"[^\W_]+")
_ACRONYM = 4
_SPEAKING = 20
_NO_NAME = r"(?!https?:|www\.|[\w-]++\.[a-z]{2}|tel|mob|fax|e-?mail|kont|cont)"
# "Website: www.…" is the page's own; "Website: Studio Vega" says who made it. A heading's line break ends both.
_NAME_BEHIND = rf"(?=[^\S\n]*+(?:{_NO_NAME}[^\W\d_]|\Z))"
_ANY_BEHIND = rf"(?=(?:\w{{0,3}}(?:[^\w\n]+{_NO_NAME}[^\W\d_]|[^\w\n]*+\Z)))"
_UNSPACED = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"


@lru_cache(maxsize=1)
def _providers() -> tuple[frozenset[str], frozenset[str]]:
    lines = read_lines("mailbox_providers.txt")
    names = frozenset(line.removesuffix(".*") for line in lines if line.endswith(".*"))
    return frozenset(line for line in lines if not line.endswith(".*")), names


def read_lines(name: str) -> list[str]:
    """The lines of a data file, without blank ones and comments."""
    text = resources.files("orbweave.site").joinpath("data", name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


@lru_cache(maxsize=2_048)
def is_mailbox_provider(domain: str) -> bool:
    """Can anybody have an address there?"""
    domains, names = _providers()
    return domain in domains or domain.partition(".")[0] in names or urls.registrable_domain(domain) in domains


def is_inside(domain: str, site: str) -> bool:
    return bool(site) and (domain == site or domain.endswith("." + site))


@lru_cache(maxsize=2_048)
def is_akin(domain: str, site: str) -> bool:
    """Do two domains look like one owner's ("tischlerei-rueter.de" and "rueter-holz.de")?"""
    if not site or not domain:
        return False
    one, other = (urls.registrable_domain(name).partition(".")[0] for name in (domain, site))
    words = set(filter(lambda word: len(word) >= _ALIKE, _WORD.findall(one)))
    if words & set(_WORD.findall(other)):
        return True
    one, other = one.replace("-", ""), other.replace("-", "")
    if min(len(one), len(other)) < _ALIKE:
        return one == other
    common = _common(one, other)
    return common >= 0.5 * min(len(one), len(other)) and common >= _ALIKE


def _common(one: str, other: str) -> int:
    """Length of the longest run of characters that both have."""
    for size in range(min(len(one), len(other)), 0, -1):
        if any(one[start : start + size] in other for start in range(len(one) - size + 1)):
            return size
    return 0


@lru_cache(maxsize=1)
def _third_parties() -> re.Pattern[str]:
    phrases = sorted(read_lines("third_parties.txt"), key=len, reverse=True)
    # At the beginning of a word; in scripts written without spaces, anywhere.
    return re.compile(rf"(?<![^\W{_UNSPACED}])(?:" + "|".join(map(_phrase, phrases)) + ")")


def _phrase(line: str) -> str:
    phrase = fold(line.removesuffix(" …"))
    if line.endswith(" …"):
        return re.escape(phrase) + (_NAME_BEHIND if phrase.endswith(":") else _ANY_BEHIND)
    # An acronym is no beginning of other words.
    return re.escape(phrase) + (r"(?![^\W_])" if len(phrase) <= _ACRONYM else "")


def third_party(text: str, start: int) -> bool:
    """Does ``text[start]`` stand in a line, or under a heading, that speaks of somebody else? Only the lines just above
    are looked at."""
    line = text.rfind("\n", 0, start) + 1
    if names_third_party(text[max(line, start - 300) : start]):
        return True
    # A heading by itself speaks of the line below it when that begins with somebody's name.
    alone = "" if start - line >= _SPEAKING else "\n"
    for _ in range(_FOLLOWING):
        if line == 0:
            return False
        above = text.rfind("\n", 0, line - 1) + 1
        words = text[above : line - 1]
        if len(words) <= _HEADING and names_third_party(words + alone):
            return True
        if "@" in words:
            return False
        line, alone = above, "" if _is_firm(words) else "\n"
    return False


@lru_cache(maxsize=1_024)
def _is_firm(line: str) -> bool:
    return len(line) <= _HEADING and not _legal_forms().isdisjoint(word.strip(",.;()") for word in line.split()[1:])


@lru_cache(maxsize=1)
def _legal_forms() -> frozenset[str]:
    forms = company_words()["legal_forms"].values()
    return frozenset(form.split()[0].strip(".") for group in forms for form in group)


@lru_cache(maxsize=2_048)
def names_third_party(words: str) -> bool:
    return _third_parties().search(fold(words)) is not None
