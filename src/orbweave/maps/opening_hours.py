"""OpenStreetMap's ``opening_hours`` by weekday. The syntax is read by opening-hours-py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import lru_cache

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]  # missing in its stubs

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CLOSED, ALWAYS = "Closed", "Open 24 hours"
MAX_LENGTH = 1000

_DAY = timedelta(days=1)
# A Monday of each month of one year, in odd and even weeks; none is near a usual holiday.
_MONDAYS = tuple(
    datetime(2027, month, day)
    for month, day in enumerate((11, 8, 8, 19, 10, 14, 12, 9, 13, 11, 8, 13), 1)
)  # fmt: skip
_OFTEN_MEANT = str.maketrans({"–": "-", "—": "-", "−": "-", "‐": "-", "：": ":", "，": ",", "；": ";", "\u00a0": " "})
_VARIES = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|week|easter|\d{4})(?![a-z:])", re.IGNORECASE
)
_HOURS = re.compile(r"\d:\d\d|24/7")
# Times that depend on the sun or have no end are no times of day.
_NO_CLOCK = re.compile(r"sunrise|sunset|dawn|dusk|(?<!-\d:\d\d)(?<!-\d\d:\d\d)\+", re.IGNORECASE)


def is_readable(raw: str) -> bool:
    return _read(raw) is not None


@lru_cache(maxsize=8192)
def weekly(raw: str) -> dict[str, str] | None:
    """Weekday -> "08:00-12:00, 13:30-18:00", "Closed" or "Open 24 hours"; times after midnight belong to the day they
    begin on. Public holidays are left out. None where it cannot be read, or is not the same each week."""
    hours = _read(raw)
    if hours is None or not _HOURS.search(raw) or _NO_CLOCK.search(raw):
        return None
    weeks = [_week(hours, monday) for monday in (_MONDAYS if _VARIES.search(raw) else _MONDAYS[:1])]
    if any(week != weeks[0] for week in weeks) or weeks[0] is None or not any(weeks[0]):
        return None
    return {day: ", ".join(spans) or CLOSED for day, spans in zip(DAYS, weeks[0], strict=True)}


@lru_cache(maxsize=8192)
def _read(raw: str) -> OpeningHours | None:
    if len(raw) > MAX_LENGTH:
        return None
    try:
        return OpeningHours(raw.translate(_OFTEN_MEANT), auto_country=False, auto_timezone=False)
    except ParserError:
        return None


def _week(hours: OpeningHours, monday: datetime) -> list[list[str]] | None:
    """The times of each day from that Monday on; None when it is not sure that they hold."""
    days: list[list[str]] = [[] for _ in DAYS]
    # From the day before, whose night must not count as this Monday's morning, to the end of Sunday's.
    for start, end, state, comment in hours.intervals(monday - _DAY, monday + 8 * _DAY):
        if state == State.CLOSED:
            continue
        if end is None or state != State.OPEN or (comment and end - start >= _DAY):
            return None
        for begin, until in ((start, end),) if end - start < _DAY else _by_day(start, end):
            number = (begin - monday).days
            if 0 <= number < len(DAYS):
                days[number].append(_span(begin, until))
    return days


def _by_day(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """A night belongs to its evening; what is longer is cut at midnight."""
    while end - start >= _DAY:
        midnight = datetime.combine(start.date() + _DAY, time())
        yield start, midnight
        start = midnight
    if start < end:
        yield start, end


def _span(start: datetime, end: datetime) -> str:
    if end - start == _DAY:
        return ALWAYS
    until = end.isoformat()[11:16]
    return f"{start.isoformat()[11:16]}-{'24:00' if until == '00:00' else until}"
