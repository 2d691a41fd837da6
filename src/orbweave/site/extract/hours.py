"""Opening hours, from structured data and from what pages write, in one normal form:
``Mo-Fr 09:00-12:00, 13:30-17:00; Sa 10:00-14:00; Su closed``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

import orjson

from orbweave.site.document import Document
from orbweave.site.extract.structured import text_of
from orbweave.site.kinds import fold

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
Week = dict[int, list[tuple[str, str]]]  # day 0..6 -> (opens, closes) "HH:MM"; [] closed

_MAX_LINES = 2_000
_MAX_LINE, _SHORT_LINE = 300, 40
_CLOCK = re.compile(r"\d ?(?:[:.hH時点點时시–—~～-]|[ap]\.?m)")
_ENOUGH_DAYS = 3
_ENGLISH = {"monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4, "saturday": 5, "sunday": 6}
_TIME = re.compile(
    r"(?<![\d.,/])(\d{1,2})(?:\s?[:.hHч時时시]\s?(\d{2})(?!\d)|\s?[hH時点點时시](?![^\W\d_]))?"
    r"\s{0,2}([ap]\.?m\.?|Uhr|h\b)?",
    re.IGNORECASE,
)
_DASH = r"[-–—−~〜～/]"
_SPACE_DASH = re.compile(rf"\s*(?:{_DASH}+)\s*")
_SHORT_DAY_END = ".:"


def opening_hours(document: Document) -> str | None:
    """The page's opening hours; None when it tells none."""
    week = _structured(document.json_ld)
    if not week:
        written = [value for name, value in document.microdata if name == "openingHours"]
        week = _schema(written)
    if not week:
        week = written_hours(document.text, document.lang)
    return normal(week) if week else None


def normal(week: Week) -> str:
    """``week`` as text; days of the same hours in a row are one."""
    parts: list[str] = []
    day = 0
    while day < 7:
        if day not in week:
            day += 1
            continue
        end = day
        while end < 6 and week.get(end + 1) == week[day]:
            end += 1
        days = DAYS[day] if end == day else f"{DAYS[day]}-{DAYS[end]}" if end > day + 1 else f"{DAYS[day]},{DAYS[end]}"
        hours = ", ".join(f"{opens}-{closes}" for opens, closes in week[day]) or "closed"
        parts.append(f"{days} {hours}")
        day = end + 1
    return "; ".join(parts)


# Structured data


def _structured(things: Iterable[Mapping[str, Any]]) -> Week:
    for thing in things:
        given = thing.get("openingHoursSpecification")
        if week := _specified(given if isinstance(given, list) else [given]):
            return week
        hours = thing.get("openingHours")
        if week := _schema([hour for hour in (hours if isinstance(hours, list) else [hours]) if isinstance(hour, str)]):
            return week
    return {}


def _specified(given: Iterable[Any]) -> Week:
    week: Week = {}
    for one in list(given)[:60]:
        if not isinstance(one, dict) or one.get("validFrom") or one.get("validThrough"):
            continue
        days = one.get("dayOfWeek")
        opens, closes = _clock(text_of(one.get("opens"))), _clock(text_of(one.get("closes")))
        for name in days if isinstance(days, list) else [days]:
            text = text_of(name) or ""
            day = _ENGLISH.get(text.rpartition("/")[2].rpartition("#")[2].lower())
            if day is None or opens is None or closes is None:
                continue
            hours = week.setdefault(day, [])
            if opens != closes and (opens, closes) not in hours:
                hours.append((opens, closes))
    return {day: sorted(hours) for day, hours in week.items()}


def _clock(text: str | None) -> str | None:
    match = re.match(r"(?:.*T)?(\d{1,2}):(\d{2})", text or "")
    return f"{int(match[1]):02}:{match[2]}" if match and int(match[1]) <= 24 and int(match[2]) < 60 else None


def _schema(written: Iterable[str]) -> Week:
    """ "Mo-Fr 09:00-17:00", "Mo,Tu 10:00-12:00 14:00-18:00" """
    week: Week = {}
    for text in written:
        for part in re.split(r"[;\n]|,\s(?=[A-Z])", text[:400]):
            for day, hours in _read(part, "en").items():
                week.setdefault(day, []).extend(hour for hour in hours if hour not in week.get(day, []))
    return week


# What pages write


def written_hours(text: str, language: str) -> Week:
    """The hours that lines of ``text`` in ``language`` give; nothing when they are of few days only."""
    week: Week = {}
    lines = text.split("\n")[:_MAX_LINES]
    language = language[:2]
    for index, line in enumerate(lines):
        if len(line) > (_MAX_LINE if _CLOCK.search(line) else _SHORT_LINE):
            continue
        found = _read(line, language)
        following = lines[index + 1][:80] if index + 1 < len(lines) else ""
        if not found and len(line) <= 40 and (following[:1].isdigit() or _is_closed(following)):
            found = _read(f"{line} {following}", language)
        for day, hours in found.items():
            week.setdefault(day, hours)
    return week if len(week) >= _ENOUGH_DAYS and any(week.values()) else {}


def _is_closed(line: str) -> bool:
    return len(line) <= 30 and _closed().search(fold(line)) is not None


def _read(line: str, language: str) -> Week:
    """The days named in a line, each group with the times (or the word for closed) that follow it."""
    folded = fold(line)
    days = list(_days(language).finditer(folded))
    if not days:
        return {}
    week: Week = {}
    group: list[int] = []
    previous = None
    for place, match in enumerate(days):
        meaning = _meaning(match, language)
        between = folded[previous.end() : match.start()] if previous else ""
        if len(meaning) == 1 and group and previous and _is_range(between):
            group.extend(_through(group[-1], meaning[0])[1:])
        elif not previous or any(map(str.isdigit, between)) or _closed().search(between):
            group = list(meaning)
        else:
            group.extend(meaning)
        following = folded[match.end() : days[place + 1].start()] if place + 1 < len(days) else folded[match.end() :]
        following = _BREAK.split(following[:120], maxsplit=1)[0]
        if hours := _times(following):
            for day in group:
                week.setdefault(day, hours)
        elif (closed := _closed().search(following)) and closed.start() <= 12:
            for day in group:
                week.setdefault(day, [])
        previous = match
    return week


def _through(first: int, last: int) -> list[int]:
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _is_range(between: str) -> bool:
    text = between.strip(" .:")
    return bool(re.fullmatch(_DASH + "+", text)) or text in _words()["to_folded"] or text in ("bis", "-")


def _times(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    matches = [match for match in _TIME.finditer(text) if int(match[1]) <= 24 and (not match[2] or int(match[2]) < 60)]
    index = 0
    while index + 1 < len(matches):
        opens, closes = matches[index], matches[index + 1]
        between = text[opens.end() : closes.start()]
        plain = not (opens[2] or opens[3] or closes[2] or closes[3])
        if len(between) > 10 or not _is_range(between) or (plain and not _DASHED.fullmatch(between)):
            index += 1
            continue
        pair = _clocked(opens, closes)
        if pair[0] != pair[1]:
            found.append(pair)
        index += 2
    return found[:4]


_BREAK = re.compile(r"점심|昼休|午休|lunch|mittagspause|przerwa|перерыв|обед|break")
_DASHED = re.compile(rf"\s*{_DASH}\s*|\s(?:to|bis|à|a|til|do|до|tot)\s")


def _clocked(opens: re.Match[str], closes: re.Match[str]) -> tuple[str, str]:
    first, last = int(opens[1]), int(closes[1])
    morning, evening = ((one[3] or "").lower() for one in (opens, closes))
    if evening.startswith("p") and last < 12:
        last += 12
    elif evening.startswith("a") and last == 12:
        last = 0
    if morning.startswith("p") and first < 12:
        first += 12
    elif morning.startswith("a") and first == 12:
        first = 0
    elif not morning and evening.startswith("p") and first < last - 12:
        first += 12 if first < 7 else 0
    elif not morning and not evening and last <= first < 12:
        # "6:30-6": in the evening.
        last += 12
    return f"{first:02}:{opens[2] or '00'}", f"{last:02}:{closes[2] or '00'}"


# Words


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    text = resources.files("orbweave.site").joinpath("data/hours_words.json").read_bytes()
    words: dict[str, Any] = orjson.loads(text)
    words["to_folded"] = frozenset(map(fold, words["to"]))
    return words


@lru_cache(maxsize=1)
def _closed() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, map(fold, _words()['closed'])))})")


@lru_cache(maxsize=64)
def _meanings(language: str) -> dict[str, tuple[int, ...]]:
    """Folded word -> days. Whole names of all languages, short ones of the page's own (English if it has none)."""
    words = _words()
    found: dict[str, tuple[int, ...]] = {}
    own = words["days"].get({"no": "nb", "nn": "nb", "iw": "he", "bs": "hr", "me": "sr"}.get(language, language))
    own = own or words["days"]["en"]
    for days in (own["short"], own["names"], *(other["names"] for other in words["days"].values())):
        for day, names in enumerate(days):
            for name in names:
                found.setdefault(fold(name), (day,))
    for name, meant in (("daily", range(7)), ("weekdays", range(5)), ("weekend", (5, 6))):
        for word in words[name]:
            found[fold(word)] = tuple(meant)
    return found


@lru_cache(maxsize=64)
def _days(language: str) -> re.Pattern[str]:
    words = sorted(_meanings(language), key=len, reverse=True)
    spaced = "|".join(re.escape(word) for word in words if not _UNSPACED.search(word))
    unspaced = "|".join(re.escape(word) for word in words if _UNSPACED.search(word))
    pattern = rf"(?<![\w'])(?:{spaced})(?![^\W\d_]|')"
    return re.compile(f"{pattern}|(?:{unspaced})" if unspaced else pattern)


_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def _meaning(match: re.Match[str], language: str) -> tuple[int, ...]:
    return _meanings(language)[match[0]]
