"""Extracts imported into a real database, and read from there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from orbweave import locations
from orbweave.errors import InvalidInput
from orbweave.maps import Place, Sources, Wanted, packaged_sources, understand
from orbweave.maps.sources.openstreetmap import Extract
from orbweave.places.importing import import_places, of_extract
from orbweave.places.stored import StoredSource
from orbweave.store import places as store
from orbweave.store.database import Database

EXTRACTS = Path(__file__).parent.parent / "maps" / "extracts"
MONACO = EXTRACTS / "monaco.osm.pbf"


async def found(source: object, country: str, query: str) -> list[Place]:
    return [place async for place in source.places(Wanted(country, understand(query)))]  # type: ignore[attr-defined]


async def test_an_import_finds_what_the_packaged_data_has(db: Database) -> None:
    (done,) = await import_places(db, of_extract(Extract(MONACO)))
    assert (done.country, done.source, done.places) == ("MC", "openstreetmap", 594)
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
