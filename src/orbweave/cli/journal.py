"""Results of a long run in a file: a line of JSON each, appended as they come, so that the run can be gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from orbweave.cli.output import json_line
from orbweave.errors import InvalidInput


class Journal:
    """``done`` are the values of ``key`` in the lines that the file holds already."""

    def __init__(self, file: BinaryIO, key: str, done: frozenset[str]) -> None:
        self._file = file
        self._key = key
        self.done = done

    def write(self, result: dict[str, Any]) -> None:
        self._file.write(json_line(result))
        self._file.flush()


@contextmanager
def journal(path: Path, key: str, *, resume: bool) -> Iterator[Journal]:
    """Raises InvalidInput when the file holds something and is not to be gone on with, or cannot be."""
    try:
        with path.open("a+b") as file:
            if file.tell() and not resume:
                raise InvalidInput(
                    f"{path} exists already; go on with it by --resume, or name another file.", field="output"
                )
            file.seek(0)
            done, end = _read(file, key, path)
            file.truncate(end)  # a line that was being written when the last run was killed
            yield Journal(file, key, done)
    except OSError as error:
        raise InvalidInput(f"Cannot write {path}: {error.strerror}.", field="output") from None


def _read(file: BinaryIO, key: str, path: Path) -> tuple[frozenset[str], int]:
    done, end = set(), 0
    for number, line in enumerate(file, 1):
        if not line.endswith(b"\n"):
            break
        try:
            done.add(orjson.loads(line)[key])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise InvalidInput(
                f"{path} is not a file of results (line {number}); name another file.", field="output"
            ) from None
        end += len(line)
    return frozenset(done), end
