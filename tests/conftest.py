"""Fixtures for every test: a real PostgreSQL shared by the whole run, a database of its own per test.

``db`` (a Database) and ``dsn`` (its address) are clones of a template migrated once, without the gazetteer;
``db_with_gazetteer`` has it. ``home`` is a folder for ORBWEAVE_HOME whose server is stopped and removed afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from orbweave.errors import Conflict, SetupError
from orbweave.store.database import Database
from orbweave.store.embedded import EmbeddedPostgres
from orbweave.store.migrate import migrate

_numbers = itertools.count()
_SERVERS = "orbweave-tests-"

# A crash loses this server's data, and that is fine.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
}


@pytest.fixture(autouse=True)
def no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither the environment, the configuration file nor the data of whoever runs the tests counts."""
    for name in os.environ:
        if name.startswith(("ORBWEAVE_", "PGQUEUER_")) or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.getbasetemp() / "nothing"))


def enterable_directory(name: str) -> Path:
    """Under the temporary directory, and enterable by the account that root's server runs as; pytest's own is not."""
    directory = Path(tempfile.gettempdir()).resolve() / name
    directory.mkdir(mode=0o711, exist_ok=True)
    return directory


@pytest.fixture
async def home() -> AsyncIterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="orbweave-home-"))
    directory.chmod(0o711)
    yield directory / "home"
    for lock in list(directory.rglob("postgres.lock")):
        await EmbeddedPostgres(lock.parent).remove()
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[EmbeddedPostgres]:
    """One server for all the workers of a run: the last one to finish stops it."""
    directory = enterable_directory(f"{_SERVERS}{testrun_uid[:12]}")
    for former in directory.parent.glob(f"{_SERVERS}*"):
        if time.time() - former.lstat().st_mtime > 3600:  # of a run that was killed
            remove_server(former)
    server = EmbeddedPostgres(directory, _FAST)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())
    remove_server(directory)


def remove_server(directory: Path) -> None:
    with contextlib.suppress(Conflict, SetupError):  # used by others, or theirs, or gone already
        asyncio.run(EmbeddedPostgres(directory).remove())
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    asyncio.run(_make_template(postgres, "template_plain", gazetteer=False))
    return "template_plain"


@pytest.fixture(scope="session")
def gazetteer_template(postgres: EmbeddedPostgres) -> str:
    asyncio.run(_make_template(postgres, "template_gazetteer", gazetteer=True))
    return "template_gazetteer"


@pytest.fixture
async def dsn(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    async with _clone(postgres, template) as address:
        yield address


@pytest.fixture
async def db(dsn: str) -> AsyncIterator[Database]:
    async with await Database.connect(dsn) as database:
        yield database


@pytest.fixture
async def db_with_gazetteer(postgres: EmbeddedPostgres, gazetteer_template: str) -> AsyncIterator[Database]:
    async with _clone(postgres, gazetteer_template) as address, await Database.connect(address) as database:
        yield database


@pytest.fixture
async def empty_dsn(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A database without any table."""
    async with _clone(postgres, "template0") as address:
        yield address


async def _make_template(server: EmbeddedPostgres, name: str, *, gazetteer: bool) -> None:
    admin = await asyncpg.connect(server.dsn())
    try:
        await admin.execute("select pg_advisory_lock(1)")  # the other workers wait for the first
        if await admin.fetchval("select datallowconn from pg_database where datname = $1", name) is not False:
            await admin.execute(f"drop database if exists {name} with (force)")
            await admin.execute(f"create database {name} template template0")
            await migrate(server.dsn(name), gazetteer=gazetteer)
            await admin.execute(f"alter database {name} allow_connections false")
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def _clone(server: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    admin = await asyncpg.connect(server.dsn())
    try:
        await admin.execute(f"create database {name} template {template} strategy file_copy")
        try:
            yield server.dsn(name)
        finally:
            await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()
