"""Extracts imported into a real database, and read from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from orbweave import locations
from orbweave.errors import Conflict, InvalidInput, SetupError, Unavailable
from orbweave.maps import Circle, Dataset, Feature, Place, Source, Sources, Wanted, packaged_sources, understand
from orbweave.maps.sources.openstreetmap import Extract
from orbweave.places.importing import Reading, import_places, of_extract
from orbweave.places.spool import Spool
from orbweave.places.stored import StoredSource
from orbweave.store import places as store
from orbweave.store.database import Database

EXTRACTS = Path(__file__).parent.parent / "maps" / "extracts"
MONACO = EXTRACTS / "monaco.osm.pbf"


async def found(source: Source, country: str, query: str) -> list[Place]:
    return [place async for place in source.places(Wanted(country, understand(query)))]


async def test_an_import_finds_what_the_packaged_data_has(db: Database) -> None:
    (done,) = await import_places(db, of_extract(Extract(MONACO)))
    assert (done.country, done.source, done.places) == ("MC", "openstreetmap", 590)
    packaged = packaged_sources().named("embedded")
    for query in ("restaurants", "hotels", "Monte-Carlo", "shops"):
        ours = {place.place_id: place for place in await found(StoredSource(db), "MC", query)}
        theirs = {place.place_id: place for place in await found(packaged, "MC", query)}
        assert ours.keys() == theirs.keys(), query
        for id, place in ours.items():
            assert place.business() == {**theirs[id].business(), "coordinates": place.business()["coordinates"]}
            assert place.location_id == theirs[id].location_id


async def test_locations_are_a_partition(db: Database) -> None:
    await import_places(db, of_extract(Extract(MONACO)))
    source = StoredSource(db)
    whole = Counter(place.place_id for place in await found(source, "MC", "restaurants"))
    parts: Counter[str] = Counter()
    for location in locations.load("MC"):
        wanted = Wanted("MC", understand("restaurants"), location)
        parts.update([place.place_id async for place in source.places(wanted)])
    assert parts == whole
    assert max(whole.values()) == 1


async def test_the_best_source_of_a_country_is_the_imported_one(db: Database) -> None:
    sources = Sources([StoredSource(db), packaged_sources().named("embedded")])
    assert (await sources.choose(None, "MC")).name == "embedded"
    await import_places(db, of_extract(Extract(MONACO)))
    assert (await sources.choose(None, "MC")).name == "imported"
    assert (await sources.choose(None, "LI")).name == "embedded"


async def test_a_broken_file_leaves_what_was_there(db: Database, tmp_path: Path) -> None:
    await import_places(db, of_extract(Extract(MONACO)))
    before = await store.current(db.pool)
    half = tmp_path / "half.osm.pbf"
    half.write_bytes(MONACO.read_bytes()[:300_000])
    with pytest.raises(InvalidInput, match="fetch it again"):
        await import_places(db, of_extract(Extract(half)))
    assert await store.current(db.pool) == before


VADUZ = {"amenity": "restaurant", "name": "Zum Adler"}


def features(source: str, *features: Feature) -> Reading:
    dataset = Dataset(source, "CC0-1.0", f"© {source}", "2026-01-01")
    return Reading(dataset, f"{source} by hand", lambda: iter(features))


async def test_two_sources_of_a_country_are_one_set(db: Database) -> None:
    adler = Feature("osm:n1", 47.1410, 9.5215, VADUZ)
    lonely = Feature("osm:n2", 47.1500, 9.5215, {"amenity": "restaurant", "name": "Einsam"})
    await import_places(db, features("one", adler, lonely), country="LI")
    phone = {**VADUZ, "name": "Restaurant zum Adler", "phone": "+423 232 22 88", "website": "adler.example"}
    more = Feature("two:1", 47.1411, 9.5216, phone, "ODbL-1.0")
    new = Feature("two:2", 47.1300, 9.5215, {"amenity": "restaurant", "name": "Neu"})
    (done,) = await import_places(db, features("two", more, new), country="LI")
    assert (done.places, done.duplicates) == (3, 1)

    source = StoredSource(db)
    places = {place.place_id: place for place in await found(source, "LI", "restaurants")}
    assert places.keys() == {"osm:n1", "osm:n2", "two:2"}
    merged = places["osm:n1"]
    assert merged.name == "Zum Adler"
    assert merged.phone
    assert merged.phone.e164 == "+4232322288"
    assert merged.website == "https://adler.example/"
    assert [(of.source, of.id, of.license) for of in merged.origins] == [
        ("one", "osm:n1", "CC0-1.0"),
        ("two", "two:1", "ODbL-1.0"),
    ]
    assert await source.countries() == {"LI"}
    assert source.attribution == "© one; © two"

    # The first source again, without its phone or its lonely place: what the second knows is still there.
    (done,) = await import_places(db, features("one", adler), country="LI")
    assert (done.places, done.duplicates) == (2, 1)
    (again,) = [place for place in await found(source, "LI", "restaurants") if place.place_id == "osm:n1"]
    assert again.business() == merged.business()
    # And without the second: only what the first knows.
    (done,) = await import_places(db, features("two", new), country="LI")
    (alone,) = [place for place in await found(source, "LI", "restaurants") if place.place_id == "osm:n1"]
    assert alone.phone is None
    assert len(alone.origins) == 1


async def test_what_has_expired_is_not_found_and_goes(db: Database) -> None:
    past, future = datetime(2020, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
    gone = Feature("a:1", 47.1410, 9.5215, VADUZ, expires_at=past)
    kept = Feature("a:2", 47.1510, 9.5215, {**VADUZ, "name": "Linde"}, expires_at=future)
    await import_places(db, features("a", gone, kept), country="LI")
    (place,) = await found(StoredSource(db), "LI", "restaurants")
    assert (place.place_id, place.expires_at) == ("a:2", future)
    async with db.transaction() as conn:
        await store.expire_places(conn)
    (of,) = await store.current(db.pool, "LI")
    assert [row["id"] async for row in store.read(db, of.set_id)] == ["a:2"]


async def test_replaced_and_unfinished_sets_go_when_nobody_needs_them(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        await import_places(db, of_extract(Extract(MONACO)))
    (of,) = await store.current(db.pool)
    async with store.importer(db.dsn) as conn:
        unfinished = store.SetBuilder(conn, "LI")
        await unfinished.begin(None)
        await chore(db)  # one was replaced just now, the other has its importer
        assert await tables(db) == {of.set_id - 1, of.set_id, unfinished.set_id}
    monkeypatch.setattr(store, "KEPT", timedelta())
    await chore(db)
    assert await tables(db) == {of.set_id}
    assert await store.current(db.pool) == [of]


async def chore(db: Database) -> None:
    async with db.transaction() as conn:
        await store.drop_unused_sets(conn)


async def tables(db: Database) -> set[int]:
    rows = await db.pool.fetch(r"select tablename from pg_tables where tablename ~ '^places_\d+$'")
    kinds = await db.pool.fetch(r"select tablename from pg_tables where tablename ~ '^place_kinds_\d+$'")
    assert len(rows) == len(kinds)
    return {int(row["tablename"].rpartition("_")[2]) for row in rows}


async def test_who_reads_while_it_is_swapped_reads_to_the_end(db: Database) -> None:
    await import_places(db, of_extract(Extract(MONACO)))
    (of,) = await store.current(db.pool)
    rows = store.read(db, of.set_id, batch=50)
    read = [(await anext(rows))["id"] for _ in range(60)]
    await import_places(db, of_extract(Extract(MONACO)))
    await chore(db)
    read += [row["id"] async for row in rows]
    assert len(set(read)) == len(read) == 590


async def test_a_country_is_imported_by_one_at_a_time(db: Database) -> None:
    async with store.importer(db.dsn) as conn:
        assert await store.SetBuilder(conn, "MC").lock()
        with pytest.raises(Conflict, match="Monaco are being imported already"):
            await import_places(db, of_extract(Extract(MONACO)))
    await import_places(db, of_extract(Extract(MONACO)))


async def test_a_full_disk_leaves_what_was_there(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await import_places(db, of_extract(Extract(MONACO)))
    before = await store.current(db.pool)

    async def full(self: store.SetBuilder, records: object) -> None:
        raise asyncpg.DiskFullError("could not extend file: No space left on device")

    monkeypatch.setattr(store.SetBuilder, "copy_kinds", full)
    with pytest.raises(SetupError, match="disk of the database is full"):
        await import_places(db, of_extract(Extract(MONACO)))
    assert await store.current(db.pool) == before
    assert await tables(db) == {before[0].set_id}


def test_a_full_disk_of_the_spool_is_said() -> None:
    spool = Spool()
    spool._file = open("/dev/full", "wb", buffering=1 << 20)  # noqa: SIM115
    with pytest.raises(SetupError, match="do not fit on the disk"), spool:
        spool.add((Feature(f"a:{n}", 0, 0, VADUZ) for n in range(10)), 0)
    spool._file = open("/dev/null", "wb")  # noqa: SIM115


async def test_a_file_without_a_border_needs_a_country(db: Database) -> None:
    reading = features("a", Feature("a:1", 47.1410, 9.5215, VADUZ))
    with pytest.raises(InvalidInput, match="--country"):
        await import_places(db, reading)
    with pytest.raises(InvalidInput, match="holds no businesses"):
        await import_places(db, features("a"), country="LI")
    with pytest.raises(InvalidInput, match="no country 'XX'"):
        await import_places(db, reading, country="XX")
    assert await store.current(db.pool) == []


async def test_what_lies_beyond_the_border_is_told(db: Database) -> None:
    await import_places(db, of_extract(Extract(MONACO)))
    far = Feature("a:1", 47.1410, 9.5215, VADUZ)
    near = Feature("a:2", 43.7384, 7.4246, {**VADUZ, "name": "Le Rocher"})
    (done,) = await import_places(db, features("a", far, near), country="MC")  # by the border of the extract
    assert (done.places, done.outside) == (591, 1)


async def test_a_circle_and_a_name(db: Database) -> None:
    await import_places(db, of_extract(Extract(MONACO)))
    source = StoredSource(db)
    port = Circle(43.7347, 7.4206, 300)
    near = [place async for place in source.places(Wanted("MC", understand("restaurants"), circle=port))]
    every = [place for place in await found(source, "MC", "restaurants") if port.covers(place)]
    assert {place.place_id for place in near} == {place.place_id for place in every}
    assert 0 < len(near) < 117
    assert {place.name for place in await found(source, "MC", "Hermitage")} == {"Hermitage"}


async def test_facts_of_a_source_outlast_the_import_of_another(db: Database) -> None:
    one = Feature("one:1", 47.1410, 9.5215, VADUZ)
    nowhere = Feature("one:2", 91.0, 9.5215, VADUZ)
    await import_places(db, features("one", one, nowhere), country="LI")
    (before,) = (await store.current(db.pool, "LI"))[0].datasets
    assert before.dropped == {"position": 1}
    await import_places(db, features("two", Feature("two:1", 47.15, 9.5215, {**VADUZ, "name": "Neu"})), country="LI")
    after = {of.source: of for of in (await store.current(db.pool, "LI"))[0].datasets}
    assert (after["one"].dropped, after["one"].imported_at) == (before.dropped, before.imported_at)
    assert after["two"].imported_at > before.imported_at


async def test_a_database_that_goes_away(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await import_places(db, features("one", Feature("one:1", 47.1410, 9.5215, VADUZ)), country="LI")
    before = await store.current(db.pool)
    copy = store.SetBuilder.copy_places

    async def cut_off(builder: store.SetBuilder, records: Iterable[tuple[Any, ...]]) -> None:
        await db.pool.execute("select pg_terminate_backend($1)", builder._conn.get_server_pid())
        await copy(builder, records)

    monkeypatch.setattr(store.SetBuilder, "copy_places", cut_off)
    with pytest.raises(Unavailable, match="went away while Liechtenstein was imported"):
        await import_places(db, features("one", Feature("one:3", 47.1410, 9.5215, VADUZ)), country="LI")
    assert await store.current(db.pool) == before
    async with db.transaction() as conn:
        await store.drop_unused_sets(conn)
    assert await db.pool.fetchval("select count(*) from place_sets") == 1


async def test_without_its_border_what_is_clearly_abroad_is_left_out(db: Database) -> None:
    inn = {"tourism": "hotel", "name": "Inn"}
    vienna, baden, abroad = (
        Feature("a:1", 48.2082, 16.3738, inn),
        Feature("a:2", 48.0050, 16.2300, {**inn, "name": "Other"}),
        Feature("a:3", 48.1486, 17.1077, {**inn, "name": "Bratislava"}),
    )
    (done,) = await import_places(db, features("a", vienna, baden, abroad), country="AT")
    assert (done.places, done.outside) == (2, 1)
    assert {place.place_id for place in await found(StoredSource(db), "AT", "hotels")} == {"a:1", "a:2"}
