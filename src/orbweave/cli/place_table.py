"""The first businesses of a search as a table that fits the terminal, one line each."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from orbweave.cli.output import plain

Business = Mapping[str, Any]


class Column(NamedTuple):
    """``least``: cells it is not made narrower than while others are wide; ``from_width``: that the terminal must
    have for it to be shown, if any has it."""

    name: str
    cell: Callable[[Business], Text | str | None]
    least: int
    from_width: int = 0


def _website(business: Business) -> Text | None:
    if not (url := business["website"]):
        return None
    url = plain(url)
    parts = urlsplit(url)
    shown = parts.netloc.removeprefix("www.") + parts.path.rstrip("/")
    return Text(shown, style=Style(link=url))


COLUMNS = (
    Column("Name", lambda business: business["name"], 18),
    Column("Category", lambda business: next(iter(business["categories"]), None), 10),
    Column("Address", lambda business: _without_country(business["address"]), 22),
    Column("Phone", lambda business: business["phone_e164"] or business["phone"], 13),
    Column("Website", _website, 16),
    Column("E-mail", lambda business: business["email"], 16, from_width=130),
    Column("Hours", lambda business: business["opening_hours"], 16, from_width=150),
)


def _without_country(address: str | None) -> str | None:
    """All of them are in one country, which is said below the table."""
    return address.rpartition(", ")[0] or address if address else None


class PlaceTable:
    """Keeps the first ``most`` businesses in order: those that can be reached first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: list[Business] = []

    def add(self, business: Business) -> None:
        self._kept.append(business)
        if len(self._kept) >= 4 * self._most:
            self._kept = self.best()

    def best(self) -> list[Business]:
        return heapq.nsmallest(self._most, self._kept, key=_order)

    def drawn(self, width: int, below: Iterable[str]) -> RenderableType:
        """At most ``width`` wide, with the lines ``below``, which are wrapped."""
        lines = [Text(plain(line)) for line in below]
        best = self.best()
        return Group(_table(best, width), *lines) if best else Group(*lines)


def _order(business: Business) -> tuple[bool, bool, str, str]:
    return not business["website"], not business["phone"], business["name"].casefold(), business["place_id"]


def _table(businesses: Sequence[Business], width: int) -> Table:
    columns = [
        column
        for column in COLUMNS
        if not column.from_width or (column.from_width <= width and any(map(column.cell, businesses)))
    ]
    rows = [[_text(column.cell(business)) for column in columns] for business in businesses]
    natural = [
        max(len(column.name), *(cell_len(row[number].plain) for row in rows)) for number, column in enumerate(columns)
    ]
    room = width - 3 * len(columns) - 1  # blanks beside and between
    widths = fitted(fitted(natural, [column.least for column in columns], room), [4] * len(columns), room)
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for column, cells in zip(columns, widths, strict=True):
        table.add_column(column.name, width=cells, no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*row)
    return table


def _text(value: Text | str | None) -> Text:
    return value if isinstance(value, Text) else Text(plain(value).replace("\n", " "))


def fitted(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Widths of at most ``room`` together, if the least allow it: the widest give first."""
    widths = list(natural)
    while sum(widths) > room:
        spare = [max(0, width - low) for width, low in zip(widths, least, strict=True)]
        if not any(spare):
            break
        widest = max(range(len(widths)), key=lambda number: (spare[number] > 0, widths[number]))
        widths[widest] -= 1
    return widths
