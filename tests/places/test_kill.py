"""kill -9 of ``orbweave places add`` in the middle of its import."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from orbweave.maps import Wanted, understand
from orbweave.maps.sources.openstreetmap import Extract
from orbweave.places.importing import import_places, of_extract
from orbweave.places.stored import StoredSource
from orbweave.store import places as store
from orbweave.store.database import Database

MONACO = Path(__file__).parent.parent / "maps" / "extracts" / "monaco.osm.pbf"

pytestmark = pytest.mark.timeout(120)


async def restaurants(db: Database) -> set[str]:
    wanted = Wanted("MC", understand("restaurants"))
    return {place.place_id async for place in StoredSource(db).places(wanted)}


async def test_a_killed_import_leaves_what_was_there(db_with_gazetteer: Database, tmp_path: Path) -> None:
    db = db_with_gazetteer
    await import_places(db, of_extract(Extract(MONACO)))
    before, found = await store.current(db.pool), await restaurants(db)

    blocker = await asyncpg.connect(db.dsn)
    holding = blocker.transaction()
    await holding.start()
    await blocker.execute("lock table place_kinds_known in exclusive mode")  # which the import needs halfway through
    process = subprocess.Popen(
        [sys.executable, "-m", "orbweave.cli", "places", "add", str(MONACO)],
        env={**os.environ, "DATABASE_URL": db.dsn, "ORBWEAVE_HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        waiting = "select pid from pg_locks where relation = 'place_kinds_known'::regclass and not granted"
        while (backend := await db.pool.fetchval(waiting)) is None:
            assert process.poll() is None
            await asyncio.sleep(0.02)
        (unfinished,) = await db.pool.fetchval("select array_agg(set_id) from place_sets where state = 'loading'")
        stored = await db.pool.fetchval(f"select count(*) from places_{unfinished}")
        assert stored == before[0].places + before[0].duplicates
    finally:
        process.send_signal(signal.SIGKILL)
        assert await asyncio.to_thread(process.wait) == -signal.SIGKILL
    assert await store.current(db.pool) == before
    assert await restaurants(db) == found

    await holding.rollback()
    await blocker.close()
    while await db.pool.fetchval("select count(*) from pg_stat_activity where pid = $1", backend):
        await asyncio.sleep(0.02)  # it ends when it finds nobody to answer
    (done,) = await import_places(db, of_extract(Extract(MONACO)))
    assert done.places == before[0].places
    assert await restaurants(db) == found

    async with db.transaction() as conn:
        await store.drop_unused_sets(conn)
    assert await db.pool.fetchval("select count(*) from place_sets where state = 'loading'") == 0
    assert await db.pool.fetchval("select to_regclass($1)", f"places_{unfinished}") is None
    assert await db.pool.fetchval("select to_regclass($1)", f"place_kinds_{unfinished}") is None
    assert await restaurants(db) == found
