"""Servers and databases of the benches' own, rounds in turn, and ratios of medians."""

from __future__ import annotations

import itertools
import shutil
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from orbweave.store.connect import connect
from orbweave.store.database import Database
from orbweave.store.embedded import EmbeddedPostgres
from orbweave.store.migrate import migrate

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Scale:
    quick: bool

    def rows(self, n: int) -> int:
        return n // 10 if self.quick else n

    def rounds(self, n: int) -> int:
        return 1 if self.quick else n


@dataclass(frozen=True)
class Ratio:
    """``first / second`` of what ``what`` says; good when at least, or at most, ``target``; None is for information."""

    what: str
    value: float
    target: float | None = None
    at_most: bool = False
    detail: str = ""

    @property
    def good(self) -> bool:
        if self.target is None:
            return True
        return self.value <= self.target if self.at_most else self.value >= self.target

    def __str__(self) -> str:
        if self.target is None:
            mark, wanted = "info", ""
        else:
            mark, wanted = "ok" if self.good else "MISS", f"{'<=' if self.at_most else '>='} {self.target:g}"
        return f"{mark:4} {self.value:7.3f} {wanted:7}  {self.what}  [{self.detail}]"


Measure = Callable[[], Awaitable[float]]


async def in_turn(rounds: int, *measures: Measure) -> list[float]:
    """The median of what each measure answered. Every round plays all of them, each round from another one on."""
    found: list[list[float]] = [[] for _ in measures]
    for number in range(rounds):
        for turn in range(len(measures)):
            which = (number + turn) % len(measures)
            found[which].append(await measures[which]())
    return [statistics.median(values) for values in found]


@asynccontextmanager
async def temporary_home() -> AsyncIterator[Path]:
    """For ORBWEAVE_HOME; the server that was started there is stopped and removed with it."""
    directory = Path(tempfile.mkdtemp(prefix="orbweave-bench-"))
    directory.chmod(0o711)  # root's database runs as another account, which must pass
    home = directory / "home"
    try:
        yield home
    finally:
        await EmbeddedPostgres(home).remove()
        shutil.rmtree(directory)


@asynccontextmanager
async def server() -> AsyncIterator[EmbeddedPostgres]:
    """The embedded server with its ordinary settings: a commit reaches the disk."""
    async with temporary_home() as home:
        running = EmbeddedPostgres(home)
        await running.start()
        try:
            yield running
        finally:
            await running.stop()


@asynccontextmanager
async def database(server: EmbeddedPostgres, *, max_connections: int = 10) -> AsyncIterator[Database]:
    """A new database with Orbweave's schema, without the gazetteer."""
    name = f"bench_{next(_numbers)}"
    async with connect(server.dsn()) as admin:
        await admin.execute(f"create database {name}")
        try:
            await migrate(server.dsn(name), gazetteer=False)
            async with await Database.connect(server.dsn(name), max_connections=max_connections) as db:
                yield db
        finally:
            await admin.execute(f"drop database {name} with (force)")
