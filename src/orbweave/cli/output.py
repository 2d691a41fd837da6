"""Results go to stdout, talk goes to stderr; with --json both are JSON, one line each, in UTF-8 whatever the locale."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Column, Table
from rich.text import Text

WIDE = 160
"""Columns of a table that goes to a file or a pipe."""


class Output:
    """Where a command writes. ``json`` decides the shape, never the content."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self.stdout = console(sys.stdout)
        self.stderr = console(sys.stderr)

    def emit(self, value: object, human: Callable[[], RenderableType]) -> None:
        """One result: ``value`` as a line of JSON, or what ``human`` draws of it."""
        if self.json:
            write_json(sys.stdout, value)
        else:
            drawn = human()
            self.stdout.print(drawn, soft_wrap=isinstance(drawn, str | Text))  # text can be copied whole
            sys.stdout.flush()

    def note(self, text: str) -> None:
        """Talk: what is going on, warnings, what to do next."""
        if self.json:
            write_json(sys.stderr, {"note": text})
        else:
            self.stderr.print(Text(plain(text)), soft_wrap=True)  # commands in it can be copied whole

    def error(self, message: str, **details: object) -> None:
        """Why the command failed, one sentence."""
        if self.json:
            write_json(sys.stderr, {"error": message, **details})
        else:
            self.stderr.print(Text.assemble(("Error: ", "bold red"), plain(message)), soft_wrap=True)


def console(stream: TextIO) -> Console:
    """A console without any escape code when NO_COLOR is set, and wide enough for a table when it is no terminal."""
    terminal = stream.isatty()
    return Console(
        file=stream,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        width=None if terminal or "COLUMNS" in os.environ else WIDE,
        highlight=False,
        emoji=False,
        markup=False,
    )


def json_line(value: object) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS)


def write_json(stream: TextIO, value: object) -> None:
    line = json_line(value)
    binary = getattr(stream, "buffer", None)
    if binary is None:
        stream.write(line.decode())
    else:
        stream.flush()
        binary.write(line)
    stream.flush()


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> Table:
    headers = (Column(name, overflow="fold") for name in columns)
    grid = Table(*headers, title=title and plain(title), title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for row in rows:
        grid.add_row(*(cell if isinstance(cell, Text) else plain(cell) for cell in row))
    return grid


def card(title: str, facts: Iterable[tuple[str, Any]]) -> Table:
    """What is known about one thing, empty facts left out."""
    grid = Table(title=plain(title), title_justify="left", title_style="bold", show_header=False, box=None)
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts:
        if value not in (None, "", [], ()):
            grid.add_row(name, value if isinstance(value, Text) else plain(value))
    return grid


def plain(value: Any) -> str:
    """Text that cannot drive the terminal: what comes from a website or a mail server may hold escape codes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "\n".join(plain(part) for part in value)
    return "".join(c for c in re.sub(r"[\t\r]+", " ", str(value)) if c.isprintable() or c == "\n")
