from __future__ import annotations

from pathlib import Path

import pytest

from orbweave.config import Settings
from orbweave.errors import Conflict, IllegalState, InvalidInput, SetupError
from orbweave.store import backup
from orbweave.store.connect import connect
from orbweave.store.database import Database
from orbweave.store.embedded import EmbeddedPostgres


async def test_a_dump_restores_into_an_empty_database(dsn: str, db: Database, empty_dsn: str, tmp_path: Path) -> None:
    target = tmp_path / "leads.dump"
    await db.pool.execute("create table kept as select n, 'Größe ' || n as text from generate_series(1, 1000) as n")
    await backup.dump(Settings(database_url=dsn), target)
    assert target.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["leads.dump"]

    assert await backup.restore(Settings(database_url=empty_dsn), target) == []
    async with connect(empty_dsn) as connection:
        assert await connection.fetchval("select sum(n) from kept") == 500_500
        assert await connection.fetchval("select text from kept where n = 7") == "Größe 7"
    status = await backup.database_status(Settings(database_url=empty_dsn))
    assert status.pending == []
    assert status.applied
    assert not status.embedded
    assert status.size > 1_000_000


async def test_restore_wants_an_empty_database_and_wipe_makes_one(dsn: str, db: Database, tmp_path: Path) -> None:
    settings, target = Settings(database_url=dsn), tmp_path / "leads.dump"
    await db.pool.execute("create view seen as select * from pgqueuer; create domain short as text")
    await backup.dump(settings, target)
    with pytest.raises(IllegalState, match="not empty: wipe it first"):
        await backup.restore(settings, target)
    await backup.wipe(settings)
    left = "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
    assert await db.pool.fetchval(left) == 0
    assert await db.pool.fetchval("select count(*) from pg_proc where pronamespace = 'public'::regnamespace") == 0
    await backup.restore(settings, target)
    assert await db.pool.fetchval(left) > 0
    await backup.wipe(settings)
    assert await backup.migrate_database(settings)


async def test_what_is_no_dump_is_refused_before_anything_changes(dsn: str, empty_dsn: str, tmp_path: Path) -> None:
    text, foreign = tmp_path / "text", tmp_path / "foreign"
    text.write_text("hello")
    settings = Settings(database_url=empty_dsn)
    with pytest.raises(InvalidInput, match="is not a dump made by"):
        await backup.restore(settings, text)
    with pytest.raises(InvalidInput, match=r"Cannot read .*: No such file"):
        await backup.restore(settings, tmp_path / "missing")
    with pytest.raises(IllegalState, match="nothing to dump"):
        await backup.dump(settings, foreign)
    await backup._run("pg_dump", "--dbname", empty_dsn, "--file", foreign, "--format", "custom")
    with pytest.raises(InvalidInput, match="dump of another database"):
        await backup.restore(settings, foreign)
    foreign.write_bytes(foreign.read_bytes()[:100])
    with pytest.raises(SetupError, match="pg_restore failed"):
        await backup.restore(settings, foreign)


async def test_a_dump_of_a_newer_version_is_refused(dsn: str, db: Database, tmp_path: Path) -> None:
    await db.pool.execute("insert into schema_migrations (version, name, checksum) values (9999, 'later', '')")
    await backup.dump(Settings(database_url=dsn), tmp_path / "dump")
    with pytest.raises(InvalidInput, match="newer Orbweave"):
        await backup.restore(Settings(database_url=dsn), tmp_path / "dump")


async def test_a_dump_that_cannot_be_written(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"Cannot write .*: No such file or directory"):
        await backup.dump(Settings(database_url=dsn), tmp_path / "missing" / "dump")
    with pytest.raises(SetupError, match=r"Cannot open|pg_dump failed"):
        await backup.dump(Settings(database_url="postgresql://me:secret@127.0.0.1:1/none"), tmp_path / "dump")
    assert list(tmp_path.iterdir()) == []


async def test_wiping_the_embedded_database(home: Path) -> None:
    settings = Settings(home=home)
    await backup.wipe(settings)
    status = await backup.database_status(settings)
    assert (status.embedded, status.location, status.applied) == (True, str(home / "postgres"), [])
    other = EmbeddedPostgres(home)
    await other.start()
    with pytest.raises(Conflict, match="stop them first"):
        await backup.wipe(settings)
    await other.stop()
    await backup.wipe(settings)
    assert not (home / "postgres").exists()
    await backup.wipe(settings)


@pytest.mark.parametrize(
    ("dsn", "url", "secret"),
    [
        ("postgresql://me:p%40ss@host:5/db?sslmode=require", "postgresql://me@host:5/db?sslmode=require", "p@ss"),
        ("postgresql://me:secret@/db?host=%2Ftmp%2Fa%20b", "postgresql://me@/db?host=%2Ftmp%2Fa%20b", "secret"),
        ("postgresql://host/db?user=me&password=a%20b", "postgresql://host/db?user=me", "a b"),
        ("postgresql:///db", "postgresql:///db", ""),
    ],
)  # fmt: skip
def test_no_password_on_a_command_line(dsn: str, url: str, secret: str) -> None:
    assert backup._without_password(dsn) == (url, secret)
