"""A country campaign finds every matching business of the packaged data exactly once."""

import json
import lzma
from collections import Counter
from pathlib import Path

import pytest

import orbweave
from orbweave import locations
from orbweave.maps import SearchRequest, Wanted, packaged_sources, search, understand

PACKAGE = Path(orbweave.__file__).parent
COUNTRIES = ["AD", "LI", "MC"]
# query -> tags that the objects must have; counted here without the package's own code
CATEGORIES = {
    "restaurants": ["amenity=restaurant"],
    "hotels": ["tourism=hotel"],
    "supermarkets": ["shop=supermarket"],
    "pharmacies": ["amenity=pharmacy", "healthcare=pharmacy"],
    "banks": ["amenity=bank"],
    "bakeries": ["shop=bakery"],
    "hairdressers": ["shop=hairdresser"],
    "bars": ["amenity=bar"],
    "cafes": ["amenity=cafe"],
    "museums": ["tourism=museum"],
    "dentists": ["amenity=dentist", "healthcare=dentist"],
    "schools": ["amenity=school", "education=school"],
}


def records(country: str) -> list[dict[str, object]]:
    text = lzma.decompress((PACKAGE / "maps" / "data" / "places" / f"{country}.jsonl.xz").read_bytes()).decode()
    return [json.loads(line) for line in text.split("\n")[1:]]


def has(tags: object, condition: str) -> bool:
    key, value = condition.split("=")
    assert isinstance(tags, dict)
    return value in tags.get(key, "").split(";")


@pytest.mark.parametrize("country", COUNTRIES)
async def test_every_business_once(country: str) -> None:
    everything = records(country)
    for query, conditions in CATEGORIES.items():
        wanted = {f"osm:{one['id']}" for one in everything if any(has(one["tags"], tag) for tag in conditions)}
        found: Counter[str] = Counter()
        for location in locations.load(country):
            request = SearchRequest(query, max_results=500, country=country, location_id=location.location_id)
            result = await search(request)
            assert all(place.location_id == location.location_id for place in result.places)
            found.update(place.place_id for place in result.places)
        assert set(found) == wanted, query
        assert max(found.values(), default=1) == 1, query
        whole = [
            place async for place in packaged_sources().named("embedded").places(Wanted(country, understand(query)))
        ]
        assert Counter(place.place_id for place in whole) == found


@pytest.mark.parametrize(("country", "restaurants"), [("AD", 204), ("LI", 70), ("MC", 117)])
async def test_as_many_restaurants_as_the_extract_holds(country: str, restaurants: int) -> None:
    result = await search(SearchRequest("restaurants", country=country))
    assert result.total == restaurants


@pytest.mark.parametrize("country", COUNTRIES)
def test_records_are_sound(country: str) -> None:
    ids = {place.location_id for place in locations.load(country)}
    everything = records(country)
    assert len({one["id"] for one in everything}) == len(everything)
    for one in everything:
        assert one["location"] in ids
        assert isinstance(one["tags"], dict)
        assert not any(key.startswith(("disused:", "abandoned:")) and key in ("amenity", "shop") for key in one["tags"])


def test_packaged_data_is_small() -> None:
    data = [file for file in PACKAGE.rglob("data/**/*") if file.is_file() and "__pycache__" not in file.parts]
    ours = [file for file in data if {"maps", "locations"} & set(file.parts)]
    assert sum(file.stat().st_size for file in ours) < 6_000_000
    assert (PACKAGE / "maps" / "data" / "dictionary.zip").stat().st_size < 2_000_000
