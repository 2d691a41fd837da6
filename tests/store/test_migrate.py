from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from orbweave.errors import SetupError
from orbweave.store.migrate import Migration, migrate, packaged, status

ONE = Migration(1, "one", "create table one (n int); insert into one values (1);")
TWO = Migration(2, "two", "create table two (n int)")


@pytest.fixture
async def connection(empty_dsn: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(empty_dsn)
    yield connection
    await connection.close()


async def tables(connection: asyncpg.Connection[Any]) -> set[str]:
    return {
        row["name"]
        for row in await connection.fetch("select tablename::text as name from pg_tables where schemaname = 'public'")
    }


async def test_applies_each_file_once_in_order(empty_dsn: str, connection: asyncpg.Connection[Any]) -> None:
    said: list[str] = []
    assert await migrate(empty_dsn, said.append, migrations=[ONE]) == ["0001_one"]
    assert await migrate(empty_dsn, said.append, migrations=[ONE, TWO]) == ["0002_two"]
    assert await migrate(empty_dsn, said.append, migrations=[ONE, TWO]) == []
    assert said == ["Updating the database: 0001_one", "Updating the database: 0002_two"]
    assert await connection.fetchval("select count(*) from one") == 1
    rows = await connection.fetch("select version, name, checksum, applied_at from schema_migrations order by version")
    assert [(row["version"], row["name"], row["checksum"]) for row in rows] == [
        (1, "one", ONE.checksum),
        (2, "two", TWO.checksum),
    ]


async def test_processes_that_start_together_migrate_once(empty_dsn: str) -> None:
    done = await asyncio.gather(*(migrate(empty_dsn, migrations=[ONE, TWO]) for _ in range(6)))
    assert sorted(done) == [[], [], [], [], [], ["0001_one", "0002_two"]]


async def test_a_file_that_fails_leaves_nothing_of_it(empty_dsn: str, connection: asyncpg.Connection[Any]) -> None:
    broken = Migration(2, "broken", "create table two (n int); select 1/0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(empty_dsn, migrations=[ONE, broken])
    assert "two" not in await tables(connection)
    assert await migrate(empty_dsn, migrations=[ONE, TWO]) == ["0002_two"]


async def test_refuses_the_schema_of_a_newer_version(empty_dsn: str, connection: asyncpg.Connection[Any]) -> None:
    await migrate(empty_dsn, migrations=[ONE, TWO])
    with pytest.raises(SetupError, match=r"newer Orbweave .0002_two is unknown here.: update Orbweave"):
        await migrate(empty_dsn, migrations=[ONE])


async def test_refuses_a_file_that_changed(empty_dsn: str) -> None:
    await migrate(empty_dsn, migrations=[ONE])
    with pytest.raises(SetupError, match="0001_one is not the one this database was made with"):
        await migrate(empty_dsn, migrations=[replace(ONE, sql="create table one (n bigint)"), TWO])


async def test_the_queue_is_installed_and_survives_an_upgrade(
    empty_dsn: str, connection: asyncpg.Connection[Any]
) -> None:
    await migrate(empty_dsn, migrations=[])
    await connection.execute("alter table pgqueuer drop column headers")  # as an older version made it
    await migrate(empty_dsn, migrations=[])
    await connection.execute("select headers from pgqueuer")
    persistence = {
        row["relname"]: row["kind"]
        for row in await connection.fetch(
            "select relname, relpersistence::text as kind from pg_class where relkind = 'r'"
        )
    }
    assert persistence["pgqueuer"] == "p", "queued jobs survive a crash"
    assert persistence["pgqueuer_log"] == "u"


async def test_the_packaged_files_make_a_schema(empty_dsn: str, connection: asyncpg.Connection[Any]) -> None:
    assert (await status(connection)).applied == []
    labels = [migration.label for migration in packaged()]
    assert (await status(connection)).pending == labels
    assert await migrate(empty_dsn, gazetteer=False) == labels
    assert (await status(connection)).pending == []
    assert (await status(connection)).applied == labels


def test_the_packaged_files_are_numbered_without_a_gap() -> None:
    assert [migration.version for migration in packaged()] == list(range(1, len(packaged()) + 1))
    assert all(re.fullmatch(r"[a-z0-9_]+", migration.name) for migration in packaged())
