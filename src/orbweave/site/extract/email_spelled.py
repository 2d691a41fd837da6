"""Addresses in text whose signs are spelled out or stood for: "info (at) muster [punkt] li", "info★muster.li". Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import resources
from itertools import islice

import orjson

from orbweave.site.extract.email_address import DOMAIN, MAX_SIGNS, ROLES, Found, at_signs, places
from orbweave.site.extract.ownership import is_inside
from orbweave.site.facts import around
from orbweave.site.kinds import fold

_MAX_SPELLED = 300
_OPENINGS = ("(", "[", "{", "<", "（", "［", "【", "「", "〔", "«", "‹")
_OPENING, _CLOSING = r"\[({<|*_#‹«（［【「〔-", r"\])}>|*_#›»）］】」〕-"
_BRACKET = re.compile(r"[(\[{<（［【「]")
# Each costs a look through the text: a page that says its language is asked for those of its own.
_DOTS = ("dot", "d o t")
_DOTS_OF = {
    "de": "punkt", "es": "punto", "it": "punto", "pt": "ponto", "fr": "point", "hu": "pont", "pl": "kropka",
    "cs": "tečka", "sk": "bodka", "fi": "piste", "ru": "точка", "bg": "точка", "uk": "крапка", "el": "τελεία",
    "nl": "punt", "da": "punktum", "no": "punktum", "nb": "punktum", "sv": "punkt", "sr": "tačka", "hr": "točka",
    "sl": "pika", "ro": "punct", "tr": "nokta", "lt": "taškas", "lv": "punkts", "et": "punkt", "ca": "punt",
    "be": "кропка", "is": "punktur",
}  # fmt: skip
_ALL_DOTS = (*_DOTS, *dict.fromkeys(_DOTS_OF.values()))
_SPACED = re.compile(r"([\w.+-]{1,64}) {0,2}\Z")
_ANY_WORD = re.compile(r"([\w.+-]{1,64})\s?[\[({<（［【「]\s?@?[^\W\d]{1,16}\s?[\])}>）］】」]\s?\Z")
_ANY_AT = re.compile(r"([A-Za-z0-9._%+]{1,64})\s?[-_*|#~]{1,2}at[-_*|#~]{1,2}\s?\Z", re.IGNORECASE)
_ANY_SIGN = re.compile(r"([A-Za-z0-9._%+-]{1,64})\s?[^\w\s.,:;/@?&=\\'\"<>+%-]{1,3}\s?\Z")
# "★を@に変えてください", "请把#换成@", "replace * with @": the sign that stands for the @.
_STANDS_FOR = re.compile(
    r"[「『（(\"']?([^\w\s])[」』）)\"']?\s?(?:を|は|→|=|换成|改成|改为|替换为|換成|改為|를|을|durch|with|par|por|con|by)\s?"
    r"(?:半角の?|the )?[「『（(\"']?\Z"
)
_LOCAL_AT_END = re.compile(r"[A-Za-z0-9._%+-]{1,64}\Z")
_CLOSE_DOTS = re.compile(r" \. ?(?=[a-z])")


@lru_cache(maxsize=1)
def _spelled() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Patterns of an @ spelled in brackets, of a dot, and of an @ spelled without brackets between words."""
    words = orjson.loads(resources.files("orbweave.site").joinpath("data/spelled_signs.json").read_bytes())
    at, dot = ("|".join(map(re.escape, sorted(words[sign], key=len, reverse=True))) for sign in ("at", "dot"))
    loose = "|".join(map(re.escape, sorted(set(words["at"]) - {"@"}, key=len, reverse=True)))
    # Every repetition is bounded: texts are hostile and long.
    return (
        re.compile(rf"[{_OPENING}]{{1,3}}\s?(?:{at}|a)\s?[{_CLOSING}]{{1,3}}", re.IGNORECASE),
        re.compile(rf"\s?[{_OPENING}]{{1,3}}\s?(?:{dot})\s?[{_CLOSING}]{{1,3}}\s?|\s(?:{dot})\s", re.IGNORECASE),
        re.compile(rf"\s(?:{loose})\s", re.IGNORECASE),
    )


_CAPITAL_DOT = re.compile(r"[\s_.-]?[^\W\da-z_]{3,8}[\s_.-]?")


@lru_cache(maxsize=64)
def _in_capitals(dots: tuple[str, ...]) -> tuple[str, ...]:
    words = {fold(word).upper() for word in dots} | {word.upper() for word in dots}
    return tuple(sorted(word for word in words if " " not in word))


@lru_cache(maxsize=1)
def _capitals() -> re.Pattern[str]:
    """ "info CHIOCCIOLA muster PUNTO it", "infoATmusterDOTli": what to take out or read aloud stands in capitals."""
    words = orjson.loads(resources.files("orbweave.site").joinpath("data/spelled_signs.json").read_bytes())
    at, dot = (
        "|".join(sorted({word.upper() for word in words[sign] if word.isalpha() and len(word) > 1}, key=len)[::-1])
        for sign in ("at", "dot")
    )
    return re.compile(
        rf"([a-z0-9._%+-]{{2,64}})[\s_.-]?(?:{at})[\s_.-]?"
        rf"([a-z0-9-]{{1,60}}(?:[\s_.-]?(?:{dot})[\s_.-]?[a-z0-9-]{{2,24}}){{1,3}})(?!\w)"
    )


def plain(address: str) -> str:
    """``address`` with its signs as signs, however they are spelled in brackets."""
    if "@" in address and "[" not in address and "(" not in address:
        return address
    at, dot, _ = _spelled()
    return dot.sub(".", at.sub("@", address))


def spaced(text: str, site: str) -> Iterator[Found]:
    """ "info @ example.com" unless it reads like a sentence ("find us @ example.com"), and "info@example[dot]com"."""
    _, dot, _ = _spelled()
    at = text.find("@")
    for _ in range(MAX_SIGNS):
        if at < 0:
            return
        behind = text[at + 1 : at + 160].partition("\n")[0]
        apart = text[at - 1 : at].isspace() or behind[:1].isspace()
        before = (
            _SPACED.search(text, max(0, at - 66), at) if apart or _BRACKET.search(behind) or " ." in behind else None
        )
        after = DOMAIN.match(_CLOSE_DOTS.sub(".", dot.sub(".", behind.strip()))) if before else None
        if before and after:
            local, domain = before[1].lower(), after[0].lower()
            believed = local in ROLES or (is_inside(domain, site) and len(local) > 3)
            if believed if apart else not behind.startswith(after[0]):
                context = around(text, before.start(), at + len(domain))
                yield Found(f"{local}@{domain}", "obfuscated", context, at)
        at = text.find("@", at + 1)


def written_out(text: str, site: str, language: str, is_there: Callable[[str], bool]) -> Iterator[Found]:
    """``is_there``: can the text hold these words? A cheap question before a search."""
    at, dot, loose = _spelled()
    for opening in _OPENINGS:
        for start in islice(places(text, opening), _MAX_SPELLED):
            if match := at.match(text, start):
                yield from _around_sign(text, start, match.end(), dot)
    # Without brackets only in front of a domain that is spelled too, or that is the site's own.
    spelled = (*_DOTS, _DOTS_OF[language]) if language in _DOTS_OF else _DOTS if language == "en" else _ALL_DOTS
    for word in spelled:
        for place in islice(places(text, f" {word} ") if is_there(f" {word} ") else (), _MAX_SPELLED):
            signs = list(loose.finditer(text, max(0, place - 160), place))
            if signs:
                yield from _around_sign(text, signs[-1].start(), signs[-1].end(), dot)
    for word in _in_capitals(spelled):
        for place in islice(places(text, word) if is_there(word) else (), _MAX_SPELLED):
            start = max(0, place - 120)
            for match in _capitals().finditer(text[start : place + 80]):
                domain = _CAPITAL_DOT.sub(".", match[2])
                yield Found(f"{match[1]}@{domain}", "obfuscated", around(text, place, place + 1), place)
    if site and is_there(site):
        yield from _before_own_domain(text, site, loose)
    yield from _stood_for(text)


def _around_sign(text: str, start: int, end: int, dot: re.Pattern[str]) -> Iterator[Found]:
    before = dot.sub(".", text[max(0, start - 80) : start].rpartition("\n")[2].rstrip())
    local = _LOCAL_AT_END.search(before)
    domain = DOMAIN.match(_CLOSE_DOTS.sub(".", dot.sub(".", text[end : end + 160].lstrip().partition("\n")[0])))
    if local and domain:
        yield Found(f"{local[0]}@{domain[0]}", "obfuscated", around(text, start, end), start)


def _before_own_domain(text: str, site: str, loose: re.Pattern[str]) -> Iterator[Found]:
    """Whatever stands for the @ in front of the site's own domain: "info [klammeraffe] muster.li", "info★muster.li"."""
    at = text.find(site)
    for _ in range(_MAX_SPELLED):
        if at < 0:
            return
        before = text[max(0, at - 90) : at].rpartition("\n")[2]
        if before and (not before.endswith(("@", ".", "/", ":", "-")) or before.endswith("at-")):
            match = _ANY_WORD.search(before) or _ANY_AT.search(before) or _ANY_SIGN.search(before)
            if match is None and (signs := list(loose.finditer(before))) and signs[-1].end() == len(before):
                local = _LOCAL_AT_END.search(before[: signs[-1].start()])
                # "Meet us at muster.li" is a sentence.
                match = (
                    local
                    if local and (local[0].lower() in ROLES or "." in local[0] or signs[-1][0].isupper())
                    else None
                )
            if match and not loose.fullmatch(f" {match[match.lastindex or 0]} "):
                yield Found(
                    f"{match[match.lastindex or 0]}@{site}",
                    "obfuscated",
                    around(text, at - len(before), at + len(site)),
                    at,
                )
        at = text.find(site, at + len(site))


def _stood_for(text: str) -> Iterator[Found]:
    for word in ("@", "＠", "アットマーク"):
        for place in islice(places(text, word), _MAX_SPELLED):
            note = _STANDS_FOR.search(text, max(0, place - 24), place)
            if note is None or note[1] in ".,:;/":
                continue
            start, end = max(0, place - 400), place + 400
            replaced = text[start:end].replace(note[1], "@")
            yield from (Found(raw, "obfuscated", around(replaced, *span), start) for raw, *span in at_signs(replaced))
