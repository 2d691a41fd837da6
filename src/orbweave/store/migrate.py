"""Brings a database to this version's schema: numbered SQL files, the queue's own schema, the gazetteer."""

from __future__ import annotations

import hashlib
import importlib.resources
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import asyncpg
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.queries import Queries

from orbweave.errors import SetupError
from orbweave.store.connect import connect

Progress = Callable[[str], None]

_LOCK = 0x6F7262_77656176  # "orbweav": one migration at a time per database
_OLDEST_SERVER = 160000

_BOOKKEEPING = """
create table if not exists schema_migrations (
    version    integer primary key,
    name       text not null,
    checksum   text not null,
    applied_at timestamptz not null default now()
)
"""


@dataclass(frozen=True)
class Migration:
    """``NNNN_name.sql``; once released the file never changes."""

    version: int
    name: str
    sql: str

    @cached_property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def label(self) -> str:
        return f"{self.version:04d}_{self.name}"


@dataclass(frozen=True)
class SchemaStatus:
    """Labels of the files, in order."""

    applied: list[str]
    pending: list[str]


def packaged() -> list[Migration]:
    """The files that come with this version, in order. Two files with one number are a mistake of ours: ValueError."""
    migrations = []
    for file in importlib.resources.files("orbweave.store").joinpath("migrations").iterdir():
        if match := re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name):
            migrations.append(Migration(int(match[1]), match[2], file.read_text(encoding="utf-8")))
    migrations.sort(key=lambda migration: migration.version)
    if len({migration.version for migration in migrations}) < len(migrations):
        raise ValueError("two migrations have the same number")
    return migrations


async def migrate(
    dsn: str,
    on_progress: Progress | None = None,
    *,
    gazetteer: bool = True,
    migrations: list[Migration] | None = None,
) -> list[str]:
    """Applies what is missing, each file in its own transaction, under a lock; labels of the files applied now.

    Raises SetupError: a schema newer than this version, a released file that changed, a server too old.
    """
    async with connect(dsn) as connection:
        return await _migrate(connection, packaged() if migrations is None else migrations, on_progress, gazetteer)


async def status(connection: asyncpg.Connection[Any]) -> SchemaStatus:
    """What is applied and what is missing, without changing anything."""
    rows = []
    if await connection.fetchval("select to_regclass('schema_migrations') is not null"):
        rows = await connection.fetch("select version, name from schema_migrations order by version")
    applied = {row["version"]: f"{row['version']:04d}_{row['name']}" for row in rows}
    pending = [migration.label for migration in packaged() if migration.version not in applied]
    return SchemaStatus(list(applied.values()), pending)


async def _migrate(
    connection: asyncpg.Connection[Any], migrations: list[Migration], on_progress: Progress | None, gazetteer: bool
) -> list[str]:
    server = connection.get_server_version()
    if server.major * 10000 < _OLDEST_SERVER:
        raise SetupError(
            f"Orbweave needs PostgreSQL {_OLDEST_SERVER // 10000} or newer, and this server is {server.major}."
        )
    await connection.execute("select pg_advisory_lock($1)", _LOCK)  # freed with the session at the latest
    await connection.execute(_BOOKKEEPING)
    applied = {
        row["version"]: row for row in await connection.fetch("select version, name, checksum from schema_migrations")
    }
    _check(applied, migrations)
    await _migrate_queue(connection)
    done = []
    for migration in migrations:
        if migration.version in applied:
            continue
        if on_progress:
            on_progress(f"Updating the database: {migration.label}")
        async with connection.transaction():
            await connection.execute(migration.sql)
            await connection.execute(
                "insert into schema_migrations (version, name, checksum) values ($1, $2, $3)",
                *(migration.version, migration.name, migration.checksum),
            )
        done.append(migration.label)
    if gazetteer and await connection.fetchval("select to_regclass('locations') is not null"):
        from orbweave.store.locations import load_gazetteer

        await load_gazetteer(connection)
    return done


def _check(applied: dict[int, Any], migrations: list[Migration]) -> None:
    known = {migration.version: migration for migration in migrations}
    for version, row in sorted(applied.items()):
        migration = known.get(version)
        if migration is None:
            raise SetupError(
                f"This database has the schema of a newer Orbweave ({version:04d}_{row['name']} is unknown here): "
                "update Orbweave, or restore a dump made by this version."
            )
        if migration.checksum != row["checksum"]:
            raise SetupError(
                f"The migration {migration.label} is not the one this database was made with: "
                "install a released Orbweave, or wipe the database with `orbweave db wipe`."
            )


async def _migrate_queue(connection: asyncpg.Connection[Any]) -> None:
    # "balanced": the queue survives a crash, its history and statistics need not (our own tables hold the results).
    queue = Queries.from_asyncpg_connection(connection)
    queue.qbe = QueryBuilderEnvironment(settings=DBSettings(durability=Durability.balanced))
    if await queue.schema_is_installed():
        await queue.apply_upgrade()
    else:
        async with connection.transaction():
            await queue.install()
            await queue.optimize_autovacuum()
