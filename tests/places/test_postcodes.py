"""Postcodes of an imported country are locations: they partition their city, and campaigns choose by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from orbweave import locations, maps
from orbweave.campaigns import service
from orbweave.campaigns.service import select_locations
from orbweave.campaigns.spec import CampaignSpec, LocationFilter
from orbweave.errors import InvalidInput
from orbweave.maps import Dataset, Feature, SearchRequest, Sources, Wanted, districts, understand
from orbweave.maps.sources.openstreetmap import Extract
from orbweave.places.importing import Reading, import_places, of_extract
from orbweave.places.stored import StoredSource
from orbweave.store import locations as store
from orbweave.store import places
from orbweave.store.clients import create_client
from orbweave.store.database import Database

EXTRACTS = Path(__file__).parent.parent / "maps" / "extracts"
VADUZ = next(place for place in locations.load("LI") if place.name == "Vaduz")
SCHAAN = next(place for place in locations.load("LI") if place.name == "Schaan")


def features(postcodes: tuple[str, ...] = ("9490", "9491", "9492")) -> Iterator[Feature]:
    """Four restaurants a postcode in Vaduz and one without, and one in Schaan."""
    for number, postcode in enumerate(postcodes):
        for at in range(4):
            tags = {"amenity": "restaurant", "name": f"{postcode} no. {at}", "addr:postcode": postcode}
            yield Feature(f"n{number}{at}", VADUZ.latitude + number / 1000, VADUZ.longitude + at / 1000, tags)
        tags = {"amenity": "restaurant", "name": f"{postcode} beside"}
        yield Feature(f"n{number}9", VADUZ.latitude + number / 1000, VADUZ.longitude - 1 / 1000, tags)
    yield Feature("n99", SCHAAN.latitude, SCHAAN.longitude, {"amenity": "restaurant", "name": "Schaan"})


async def imported(db: Database, *postcodes: str) -> None:
    dataset = Dataset("openstreetmap", "ODbL 1.0", "© OpenStreetMap contributors", "2026-01-01")
    chosen = features(postcodes) if postcodes else features()
    await import_places(db, Reading(dataset, "a test", lambda: chosen), country="LI")


async def gazetteer(db: Database) -> None:
    async with db.pool.acquire() as connection:
        await store.load_gazetteer(connection, ["LI"])


async def chosen(db: Database, **filter: object) -> list[locations.Location]:
    spec = CampaignSpec("restaurants", "LI", LocationFilter(**filter))  # type: ignore[arg-type]
    return await select_locations(db.pool, spec, 1000)


async def names(db: Database, location: locations.Location | None) -> Counter[str]:
    wanted = Wanted("LI", understand("restaurants"), location)
    return Counter([place.name async for place in StoredSource(db).places(wanted)])


async def test_postcodes_partition_their_city_and_nothing_is_found_twice(db: Database) -> None:
    await gazetteer(db)
    await imported(db)
    vaduz = await store.get(db.pool, VADUZ.location_id)
    assert vaduz
    assert vaduz.needs_postcodes
    parts = await chosen(db, mode="city", parent_city="vaduz")
    assert sorted(part.name for part in parts) == ["9490", "9491", "9492"]
    assert {(part.location_type, part.parent_city, part.parent_id) for part in parts} == {
        ("postcode", "Vaduz", VADUZ.location_id)
    }
    of_parts = [await names(db, part) for part in parts]
    assert sum(of_parts, Counter()) == await names(db, vaduz)
    for part, found in zip(parts, of_parts, strict=True):
        assert found == Counter([*(f"{part.name} no. {at}" for at in range(4)), f"{part.name} beside"])

    cities = await chosen(db, include_postcodes=True)
    assert VADUZ.location_id not in {one.location_id for one in cities}
    found = sum([await names(db, one) for one in cities], Counter())
    assert found == await names(db, None)
    assert max(found.values()) == 1


@pytest.mark.parametrize("mode", ["all", "cities_only"])
async def test_without_the_wish_a_city_is_whole(db: Database, mode: str) -> None:
    await gazetteer(db)
    await imported(db)
    assert {one.location_id for one in await chosen(db, mode=mode)} == {one.location_id for one in locations.load("LI")}


async def test_a_postcode_is_asked_for_by_its_id(db: Database) -> None:
    await gazetteer(db)
    await imported(db)
    id = districts.district_id(VADUZ, "9491")
    (postcode,) = await chosen(db, mode="custom", location_ids=(id,))
    request = SearchRequest.from_payload(
        {"search_query": f"restaurants {postcode.search_string}", "location_id": id, "country": "LI"}
    )
    result = await maps.search(request, Sources([StoredSource(db)]))
    assert (result.total, result.location) == (5, postcode)
    with pytest.raises(InvalidInput, match="as a whole and by its postcodes"):
        await chosen(db, mode="custom", location_ids=(id, VADUZ.location_id))


async def test_a_campaign_searches_postcode_by_postcode(db: Database) -> None:
    await gazetteer(db)
    await imported(db)
    client = (await create_client(db, "test")).client_id
    chosen = LocationFilter("all", include_postcodes=True)
    made = await service.create(db, client, CampaignSpec("restaurants", "LI", chosen))
    sources = Sources([StoredSource(db)])
    found: Counter[str] = Counter()
    while task := (await service.next_location(db, client, made.campaign_id)).task:
        payload = await db.pool.fetchval("select payload from jobs where job_id = $1", UUID(str(task.job_id)))
        result = await maps.search(SearchRequest.from_payload(payload), sources)
        found.update(place.name for place in result.places)
    assert found == await names(db, None)
    assert max(found.values()) == 1
    estimate = await service.estimate(db, CampaignSpec("restaurants", "LI", chosen), sources=sources)
    assert (estimate.total_locations, estimate.estimated_businesses) == (made.counts.total, found.total())


async def test_postcodes_are_those_of_the_latest_import(db: Database) -> None:
    await gazetteer(db)
    await imported(db)
    before = {one.name: one.location_id for one in await chosen(db, mode="city", parent_city="Vaduz")}
    await imported(db, "9490", "9495")
    after = {one.name: one.location_id for one in await chosen(db, mode="city", parent_city="Vaduz")}
    assert after.keys() == {"9490", "9495"}
    assert after["9490"] == before["9490"]
    await gazetteer(db)  # again, and of other data
    await db.pool.execute("update gazetteer set version = ''")
    await gazetteer(db)
    assert len(await chosen(db, mode="city", parent_city="Vaduz")) == 2
    await imported(db, "9490")
    with pytest.raises(InvalidInput, match=r"No postcodes of Vaduz are known.*3042030"):
        await chosen(db, mode="city", parent_city="Vaduz")


async def test_removing_a_country_removes_its_postcodes(db: Database) -> None:
    await gazetteer(db)
    await imported(db)
    assert await places.remove(db.pool, "LI")
    assert not (await db.pool.fetchval("select count(*) from locations where location_type = 'postcode'"))
    vaduz = await store.get(db.pool, VADUZ.location_id)
    assert vaduz
    assert not vaduz.needs_postcodes


async def test_postcodes_in_lists(db: Database) -> None:
    await gazetteer(db)
    await imported(db)
    total, found = await store.search_locations(db, location_type="postcode", parent_city="VADUZ")
    assert total == 3
    assert {one.name for one in found} == {"9490", "9491", "9492"}
    assert [one.name for one in (await store.search_locations(db, search="9491"))[1]] == ["9491"]
    stats = await store.stats(db, "LI")
    assert (stats.cities, stats.postcodes) == (len(locations.load("LI")), 3)
    assert stats.total == stats.cities + stats.postcodes


@pytest.mark.parametrize(
    ("extract", "country", "city", "postcodes"),
    [
        ("liechtenstein", "LI", "Mauren", ["9486", "9493"]),
        ("andorra", "AD", "Escaldes-Engordany", ["AD500", "AD700"]),
    ],
)
async def test_real_addresses(db: Database, extract: str, country: str, city: str, postcodes: list[str]) -> None:
    async with db.pool.acquire() as connection:
        await store.load_gazetteer(connection, [country])
    await import_places(db, of_extract(Extract(EXTRACTS / f"{extract}.osm.pbf")))
    spec = CampaignSpec("shops", country, LocationFilter("city", parent_city=city))
    assert sorted(one.name for one in await select_locations(db.pool, spec, 100)) == postcodes

    async def ids(location: locations.Location | None) -> Counter[str]:
        wanted = Wanted(country, understand("shops"), location)
        return Counter([place.place_id async for place in StoredSource(db).places(wanted)])

    every = await select_locations(db.pool, CampaignSpec("shops", country, LocationFilter(include_postcodes=True)), 100)
    assert [one for one in every if one.location_type == "postcode"]
    found = sum([await ids(one) for one in every], Counter())
    assert found == await ids(None)
    assert max(found.values()) == 1
