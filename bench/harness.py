"""A database of its own for each bench, rounds in turn, and ratios of medians."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from orbweave.store.database import Database
from orbweave.store.embedded import EmbeddedPostgres
from orbweave.store.migrate import migrate


@dataclass(frozen=True)
class Scale:
    quick: bool

    def rows(self, n: int) -> int:
        return n // 10 if self.quick else n

    @property
    def rounds(self) -> int:
        return 3 if self.quick else 7


@dataclass(frozen=True)
class Ratio:
    """``first / second`` of what ``what`` says; good when at least, or at most, ``target``."""

    what: str
    value: float
    target: float
    at_most: bool = False
    detail: str = ""

    @property
    def good(self) -> bool:
        return self.value <= self.target if self.at_most else self.value >= self.target

    def __str__(self) -> str:
        mark = "ok  " if self.good else "MISS"
        return (
            f"{mark} {self.value:8.3f} ({'<=' if self.at_most else '>='} {self.target:g})  {self.what}  [{self.detail}]"
        )


Measure = Callable[[], Awaitable[float]]


async def in_turn(rounds: int, *measures: Measure) -> list[float]:
    """Medians of what each measure answered, played A B A B …, after one round that does not count."""
    found: list[list[float]] = [[] for _ in measures]
    for number in range(rounds + 1):
        for values, measure in zip(found, measures, strict=True):
            value = await measure()
            if number:
                values.append(value)
    return [statistics.median(values) for values in found]


@asynccontextmanager
async def database(*, gazetteer: bool = False, max_connections: int = 48) -> AsyncIterator[Database]:
    """A migrated database of the embedded server with its ordinary settings (fsync on), removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="orbweave-bench-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "home")
    try:
        dsn = await server.start()
        await migrate(dsn, gazetteer=gazetteer)
        async with await Database.connect(dsn, max_connections=max_connections, server=server) as db:
            yield db
        await server.remove()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
