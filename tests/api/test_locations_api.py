from __future__ import annotations

import httpx2
import pytest

from orbweave.store.database import Database
from orbweave.store.locations import load_gazetteer
from orbweave.store.sql import sql


@pytest.fixture(autouse=True)
async def two_countries(db: Database) -> None:
    async with db.pool.acquire() as connection:
        await load_gazetteer(connection, ["LI", "AD"])


async def test_a_location_in_full(api: httpx2.AsyncClient) -> None:
    found = (await api.get("/locations", params={"country_code": "li", "search": "vad"})).json()
    assert (found["total"], found["page"], found["page_size"], found["total_pages"]) == (1, 1, 50, 1)
    (vaduz,) = found["locations"]
    assert vaduz["search_string"] == "Vaduz, Liechtenstein"
    assert vaduz.keys() == {
        "location_id", "country_code", "country_name", "search_string", "location_type", "display_name", "parent_city",
        "admin_region", "latitude", "longitude", "population", "needs_postcodes", "created_at",
    }  # fmt: skip


async def test_locations_are_filtered_and_paged(api: httpx2.AsyncClient) -> None:
    everything = (await api.get("/locations", params={"page_size": 500})).json()
    assert {each["country_code"] for each in everything["locations"]} == {"LI", "AD"}
    populations = [each["population"] for each in everything["locations"]]
    assert populations == sorted(populations, reverse=True)
    some = (
        await api.get("/locations", params={"country_code": "LI", "min_population": 3000, "max_population": 5000})
    ).json()
    assert 0 < some["total"] < everything["total"]
    assert all(3000 <= each["population"] <= 5000 for each in some["locations"])
    beyond = (await api.get("/locations", params={"page": 999})).json()
    assert (beyond["total"], beyond["locations"]) == (everything["total"], [])
    for pattern in ("%", "_", "\\", "'", "＇", "qwxzv"):
        assert (await api.get("/locations", params={"search": pattern})).json()["total"] == 0


async def test_countries_regions_and_numbers(api: httpx2.AsyncClient) -> None:
    countries = (await api.get("/locations/countries")).json()
    assert [each["country_code"] for each in countries["countries"]] == ["AD", "LI"]
    regions = (await api.get("/locations/regions", params={"country_code": "li"})).json()
    assert regions["country_code"] == "LI"
    assert regions["total"] == len(regions["regions"]) > 5
    stats = (await api.get("/locations/stats", params={"country_code": "LI"})).json()
    assert stats["total"] == sum(each["locations"] for each in countries["countries"] if each["country_code"] == "LI")


@pytest.mark.parametrize(
    ("search", "name"),
    [
        ("vaduz", "Vaduz"),
        ("VADÚ", "Vaduz"),
        ("Вадуц", "Vaduz"),
        ("vella and", "Andorra la Vella"),
        ("' | 'vaduz\\", "Vaduz"),
        ("安道爾城", "Andorra la Vella"),
        ("أندورا", "Andorra la Vella"),
        ("andorra-la", "Andorra la Vella"),
        ("lòria", "Sant Julià de Lòria"),
    ],
)
async def test_search_in_any_script_by_the_beginnings_of_words(api: httpx2.AsyncClient, search: str, name: str) -> None:
    found = (await api.get("/locations", params={"search": search})).json()["locations"]
    assert [each["display_name"].split(",")[0] for each in found][:1] == [name]


async def test_search_reads_the_index(db: Database) -> None:
    async with db.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off")
        await connection.execute("set local plan_cache_mode = force_custom_plan")
        arguments = (None, None, None, None, None, None, "'vad':*", 50, 0)
        plan = await connection.fetch(f"explain {sql('locations/search')}", *arguments)
    assert any("locations_by_word" in row[0] for row in plan)
