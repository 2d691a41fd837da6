from __future__ import annotations

import pytest

from orbweave.config import Settings
from orbweave.errors import SetupError
from orbweave.store.database import Database, open_database


async def test_json_values_come_back_as_they_went(db: Database) -> None:
    value = {"name": "Café", "list": [1, 2.5, None, "x"], "deep": {"a": {}}}
    assert await db.pool.fetchval("select $1::jsonb", value) == value
    assert await db.pool.fetchval("select $1::json", value) == value


async def test_transaction_is_rolled_back_on_an_exception(db: Database) -> None:
    await db.pool.execute("create table note (n int)")

    async def fail() -> None:
        async with db.transaction() as connection:
            await connection.execute("insert into note values (1)")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with db.transaction() as connection:
        await connection.execute("insert into note values (2)")
    assert [row["n"] for row in await db.pool.fetch("select n from note")] == [2]


async def test_external_database_is_migrated_when_opened(empty_dsn: str) -> None:
    async with await open_database(Settings(database_url=empty_dsn)) as database:
        assert database.server is None
        assert await database.pool.fetchval("select to_regclass('pgqueuer') is not null")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://someone:secret@127.0.0.1:1/leads",
        "postgresql:///leads?host=/nowhere",
        "not a url",
        "postgresql://someone:secret@127.0.0.1:port/leads",
    ],
)
async def test_unreachable_database_is_one_sentence_without_the_password(url: str) -> None:
    with pytest.raises(SetupError) as caught:
        await open_database(Settings(database_url=url))
    assert "check DATABASE_URL" in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_missing_database_and_wrong_password_are_one_sentence(empty_dsn: str) -> None:
    for url in (empty_dsn.replace("@/test_", "@/missing_"), empty_dsn.replace(":", ":x", 2).replace(":x", ":", 1)):
        with pytest.raises(SetupError, match="check DATABASE_URL"):
            await open_database(Settings(database_url=url))
