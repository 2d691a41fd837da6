"""Results of a long run in a file, appended as they come, so that the run can be gone on with."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from orbweave.cli.output import json_line
from orbweave.errors import InvalidInput
from orbweave.exports.csv import guard

_FIELD = 100_000_000

Read = Callable[[BinaryIO, Path], tuple[frozenset[str], int]]
"""The keys of the whole results in a file, and where the last of them ends."""


class Journal:
    """``done``: the keys of the results that the file holds already; ``written`` spells a key as it stands there."""

    def __init__(
        self,
        file: BinaryIO,
        done: frozenset[str],
        encode: Callable[[Mapping[str, Any]], bytes],
        written: Callable[[str], str] = str,
    ) -> None:
        self._file = file
        self._encode = encode
        self._written = written
        self._done = done

    def holds(self, key: str) -> bool:
        return self._written(key) in self._done

    def write(self, result: Mapping[str, Any]) -> None:
        self._file.write(self._encode(result))
        self._file.flush()


@contextmanager
def json_lines(path: Path, key: str, *, resume: bool) -> Iterator[Journal]:
    """A line of JSON each; ``key`` names the field that tells them apart. Raises InvalidInput when the file holds
    something and is not to be gone on with, or cannot be."""

    def read(file: BinaryIO, path: Path) -> tuple[frozenset[str], int]:
        done, end = set(), 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break
            try:
                done.add(str(orjson.loads(line)[key]))
            except (orjson.JSONDecodeError, KeyError, TypeError):
                raise _no_results(path, number) from None
            end += len(line)
        return frozenset(done), end

    with _appended(path, read, resume) as (file, done):
        yield Journal(file, done, json_line)


@contextmanager
def spreadsheet(path: Path, columns: Sequence[str], key: str, *, resume: bool) -> Iterator[Journal]:
    """CSV with a header; no cell of it starts a formula. Otherwise as ``json_lines``."""

    header = [_cell(name) for name in columns]

    def read(file: BinaryIO, path: Path) -> tuple[frozenset[str], int]:
        csv.field_size_limit(_FIELD)
        done: set[str] = set()
        end = taken = 0

        def lines() -> Iterator[str]:
            nonlocal taken
            for line in file:
                if not line.endswith(b"\n"):
                    return
                taken += len(line)
                yield line.decode("utf-8-sig", "replace")

        records = csv.reader(lines(), strict=True)
        try:
            for number, record in enumerate(records):
                if number == 0 and record != header:
                    raise _no_results(path, 1)
                if len(record) != len(header):
                    raise csv.Error
                if number:
                    done.add(record[columns.index(key)])
                end = taken
        except csv.Error:
            if file.readline().endswith(b"\n"):
                raise _no_results(path, records.line_num) from None
            # else it is the record that was being written
        return frozenset(done), end

    def encode(row: Mapping[str, Any]) -> bytes:
        buffer = io.StringIO(newline="")
        cells = ("" if row[name] is None else row[name] for name in columns)
        csv.writer(buffer, lineterminator="\n").writerow(map(_cell, cells))
        return buffer.getvalue().encode("utf-8", "replace")

    with _appended(path, read, resume) as (file, done):
        if file.tell() == 0:
            file.write(encode({name: name for name in columns}))
        yield Journal(file, done, encode, _cell)


def _cell(value: Any) -> Any:
    return guard(value, excel=False) if isinstance(value, str) else value


@contextmanager
def _appended(path: Path, read: Read, resume: bool) -> Iterator[tuple[BinaryIO, frozenset[str]]]:
    try:
        with path.open("a+b") as file:
            if file.tell() and not resume:
                raise InvalidInput(
                    f"{path} exists already; go on with it by --resume, or name another file.", field="output"
                )
            file.seek(0)
            done, end = read(file, path)
            file.truncate(end)  # what was being written when the last run was killed
            file.seek(end)
            yield file, done
    except OSError as error:
        raise InvalidInput(f"Cannot write {path}: {error.strerror}.", field="output") from None


def _no_results(path: Path, line: int) -> InvalidInput:
    return InvalidInput(f"{path} is not a file of these results (line {line}); name another file.", field="output")
