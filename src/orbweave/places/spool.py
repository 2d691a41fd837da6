"""Features on disk until their country is known: what is held in memory is 30 bytes a feature."""

from __future__ import annotations

import contextlib
import os
import tempfile
from array import array
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
import orjson

from orbweave.errors import SetupError
from orbweave.maps.feature import Feature
from orbweave.storable import storable


class Spooled(NamedTuple):
    """``tags``: a feature's, read on demand."""

    id: str
    tags: dict[str, str]
    license: str | None
    expires_at: datetime | None


class Spool:
    """Numbered from 0 in the order they were added. ``folder``: where the file is made; it has no name and goes with
    the process. SetupError when the disk is full."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=1 << 20)  # noqa: SIM115 -- closed in __exit__
        self._offsets = array("q", [0])
        self._latitudes = array("d")
        self._longitudes = array("d")
        self._datasets = array("h")
        self._postcodes = array("i")
        self._numbers: dict[str | None, int] = {}
        self.datasets = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # of a full disk, once more
            self._file.close()

    def __len__(self) -> int:
        return len(self._datasets)

    @property
    def latitudes(self) -> Any:
        return np.frombuffer(self._latitudes, dtype=float)

    @property
    def longitudes(self) -> Any:
        return np.frombuffer(self._longitudes, dtype=float)

    @property
    def datasets_of(self) -> Any:
        return np.frombuffer(self._datasets, dtype=np.int16)

    def postcodes(self, of: Any) -> list[str | None]:
        """``addr:postcode`` of the features with these numbers."""
        names = list(self._numbers)
        return [names[number] for number in np.frombuffer(self._postcodes, dtype=np.int32)[of].tolist()]

    def add(self, features: Iterable[Feature], dataset: int) -> None:
        try:
            for one in features:
                line = _line(one)
                self._file.write(line)
                self._offsets.append(self._offsets[-1] + len(line))
                self._latitudes.append(one.latitude)
                self._longitudes.append(one.longitude)
                postcode = one.tags.get("addr:postcode")
                self._postcodes.append(self._numbers.setdefault(postcode, len(self._numbers)))
                self._datasets.append(dataset)
            self._file.flush()
        except OSError as error:
            raise SetupError(
                f"The places do not fit on the disk of {tempfile.gettempdir()} ({error.strerror}); free some room or"
                " set TMPDIR. What was there before is still there."
            ) from None

    def __getitem__(self, number: int) -> Spooled:
        start, end = self._offsets[number], self._offsets[number + 1]
        id, license, expires, tags = orjson.loads(os.pread(self._file.fileno(), end - start, start))
        return Spooled(id, tags, license, datetime.fromisoformat(expires) if expires else None)


def _line(one: Feature) -> bytes:
    expires = one.expires_at and one.expires_at.isoformat()
    with contextlib.suppress(TypeError):
        line = orjson.dumps((one.id, one.license, expires, one.tags))
        if b"\\u0000" not in line:
            return line
    tags = {storable(key): storable(value) for key, value in one.tags.items()}
    return orjson.dumps((storable(one.id), one.license, expires, tags))
