"""What sources hold that no importer expects: one such record must not cost the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import shapely

from orbweave import locations
from orbweave.errors import InvalidInput
from orbweave.maps import Dataset, Feature, Place, Wanted, understand
from orbweave.maps.cut import Borders
from orbweave.maps.sources.openstreetmap import Extract
from orbweave.maps.understanding import as_name
from orbweave.places.importing import Reading, import_places, of_extract
from orbweave.places.stored import StoredSource
from orbweave.store import places as store
from orbweave.store.database import Database

EXTRACTS = Path(__file__).parent.parent / "maps" / "extracts"
ADLER = {"amenity": "restaurant", "name": "Zum Adler"}
GOOD = Feature("x:1", 47.141, 9.5215, {**ADLER, "name": "Gut"})


def reading(*features: Feature, borders: Sequence[Borders] = ()) -> Reading:
    return Reading(Dataset("x", "CC0-1.0", "© x", None), "by hand", lambda: iter(features), lambda: borders)


async def restaurants(db: Database, country: str = "LI") -> dict[str, Place]:
    wanted = Wanted(country, understand("restaurants"))
    return {place.place_id: place async for place in StoredSource(db).places(wanted)}


@pytest.mark.parametrize(
    "tags",
    [
        {"website": "http://[adler"},
        {"website": "http://adler℀.example"},
        {"note:de": "a\0b"},
        {"no\0te": "x"},
        {"description": "half a \ud83c pair"},
        {"description": "x" * 100_000},
        {"alt_name": " ".join(f"w{number}" for number in range(200_000))},
        {"shop": "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(5_000))},
        {"brand:wikidata": "Q" + "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(5_000))},
    ],
)
async def test_odd_values(db: Database, tags: dict[str, str]) -> None:
    await import_places(db, reading(GOOD, Feature("x:2", 47.142, 9.5215, {**ADLER, **tags})), country="LI")
    found = await restaurants(db)
    assert found.keys() == {"x:1", "x:2"}
    assert found["x:2"].name == "Zum Adler"


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(float("nan"), 9.5), (47.1, float("inf")), (91.0, 9.5), (47.1, 1000.0), (47.1, -180.1)]
)
async def test_positions_that_are_none_are_dropped_with_a_count(
    db: Database, latitude: float, longitude: float
) -> None:
    (done,) = await import_places(db, reading(GOOD, Feature("x:2", latitude, longitude, ADLER)), country="LI")
    assert done.dropped == {"position": 1}
    assert (await restaurants(db)).keys() == {"x:1"}


async def test_a_file_of_another_country_replaces_nothing(db: Database) -> None:
    await import_places(db, of_extract(Extract(EXTRACTS / "liechtenstein.osm.pbf")))
    before = await store.current(db.pool)
    with pytest.raises(InvalidInput, match=r"None of the 61[12] businesses of .* lies in Liechtenstein"):
        await import_places(db, of_extract(Extract(EXTRACTS / "monaco.osm.pbf")), country="LI")
    assert await store.current(db.pool) == before


async def test_a_country_without_its_border_has_no_part_of_those_whose_border_there_is(db: Database) -> None:
    """Extracts of France hold Monaco whole, but not France's border, which goes round the world."""
    (monaco,) = locations.load("MC")[:1]
    nice = next(place for place in locations.load("FR") if place.name == "Nice")
    outline = shapely.Point(monaco.longitude, monaco.latitude).buffer(0.02)
    ours = Feature("x:1", nice.latitude, nice.longitude, ADLER)
    theirs = Feature("x:2", monaco.latitude, monaco.longitude, ADLER)
    (done,) = await import_places(db, reading(ours, theirs, borders=[Borders("MC", outline)]), country="FR")
    assert (done.country, done.places, done.outside) == ("FR", 1, 1)
    assert (await restaurants(db, "FR")).keys() == {"x:1"}


async def test_what_other_records_add_is_found_by_name_too(db: Database) -> None:
    await import_places(db, reading(Feature("x:1", 47.141, 9.5215, ADLER)), country="LI")
    branded = {**ADLER, "brand": "Kaiserkette", "brand:wikidata": "Q1"}
    more = Reading(Dataset("y", "CC0-1.0", "© y"), "by hand", lambda: iter([Feature("y:1", 47.141, 9.5215, branded)]))
    await import_places(db, more, country="LI")
    named = [place async for place in StoredSource(db).places(Wanted("LI", as_name("Kaiserkette")))]
    assert [place.place_id for place in named] == ["x:1"]
