"""A PostgreSQL server of the benches' own, with the settings and the durability that Orbweave gives its embedded one."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from orbweave.store.connect import connect
from orbweave.store.database import Database
from orbweave.store.embedded import EmbeddedPostgres
from orbweave.store.migrate import migrate

_numbers = itertools.count(1)


@asynccontextmanager
async def temporary_home() -> AsyncIterator[Path]:
    """For ORBWEAVE_HOME; its server, if there is one, is stopped and removed with it."""
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
    async with temporary_home() as home:
        running = EmbeddedPostgres(home)
        async with running:
            yield running


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
