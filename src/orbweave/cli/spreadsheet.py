"""Tables that people bring along: CSV with a header, in whatever way it was saved."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orbweave.errors import InvalidInput

SUFFIXES = (".csv", ".tsv")
_SAMPLE = 64 * 1024
_FIELD = 100_000_000
_ENCODINGS = ("utf-8-sig", "utf-16", "cp1252")


@dataclass(frozen=True, slots=True)
class Row:
    """``line`` where it begins in the file, the header being line 1."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, given: str | None, usual: Sequence[str]) -> str:
        """The column called ``given``, or the one with a ``usual`` name. Raises InvalidInput that lists them all."""
        wanted = [given.casefold()] if given else list(usual)
        for name in self.columns:
            if name.strip().casefold() in wanted:
                return name
        missing = f"There is no column {given!r}" if given else "No column is called " + " or ".join(usual[:2])
        raise InvalidInput(f"{missing}; name one of these with --column: {', '.join(self.columns)}.", field="column")


def read(path: Path) -> Spreadsheet:
    """Raises InvalidInput when it cannot be read, or has no header."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"Cannot read {path}: {error.strerror}.", field="file") from None
    csv.field_size_limit(_FIELD)
    text = _decoded(raw)
    reader = csv.reader(io.StringIO(text, newline=""), _dialect(path, text))
    try:
        columns = tuple(next(reader))
    except (StopIteration, csv.Error):
        raise InvalidInput(f"{path} is empty; it needs a header and rows.", field="file") from None
    repeated = [name for name in columns if columns.count(name) > 1]
    if repeated:
        raise InvalidInput(f"{path} has two columns called {repeated[0]!r}; rename one.", field="file")
    rows, line = [], reader.line_num + 1
    try:
        for record in reader:
            if any(record):
                rows.append(Row(line, dict(zip(columns, [*record, *[""] * len(columns)], strict=False))))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InvalidInput(f"{path} is not CSV from line {line} on: {error}.", field="file") from None
    return Spreadsheet(columns, tuple(rows))


def _decoded(raw: bytes) -> str:
    for encoding in _ENCODINGS:
        if encoding == "utf-16" and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _dialect(path: Path, text: str) -> type[csv.Dialect] | csv.Dialect:
    class Found(csv.excel):
        delimiter = "\t" if path.suffix == ".tsv" else ","

    header = text[:_SAMPLE].splitlines()[:1]
    if header and path.suffix != ".tsv":
        Found.delimiter = max(",;\t|", key=header[0].count)
    return Found
