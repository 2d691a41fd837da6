"""A country's campaign finds every business that the extract holds, exactly once.

What there is, is counted here straight from the extract, with another way to read it than the import's: borders pieced
together from their ways, buildings by their corners.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import osmium
import pytest
import shapely

from orbweave import locations
from orbweave.maps import SearchRequest, search

EXTRACTS = {"AD": "andorra", "LI": "liechtenstein", "MC": "monaco"}

# A query, and the tags of what it asks for; the last ones also in other languages.
CATEGORIES = {
    "restaurants": [("amenity", "restaurant")],
    "cafés": [("amenity", "cafe")],
    "bars": [("amenity", "bar")],
    "hotels": [("tourism", "hotel")],
    "banks": [("amenity", "bank")],
    "pharmacy": [("amenity", "pharmacy")],
    "supermarkets": [("shop", "supermarket")],
    "peluquería": [("shop", "hairdresser")],
    "Kindergarten": [("amenity", "kindergarten"), ("education", "kindergarten")],
    "museum": [("tourism", "museum")],
}
NAMED = ("name", "brand", "operator")


@lru_cache(maxsize=3)
def held(country: str) -> list[tuple[str, dict[str, str]]]:
    """(id, tags) of every named object with one of the keys, inside of the country's border."""
    file = Path(__file__).parent / "extracts" / f"{EXTRACTS[country]}.osm.pbf"
    nodes: dict[int, tuple[float, float]] = {}
    ways: dict[int, list[int]] = {}
    found: list[tuple[str, dict[str, str], Any]] = []
    border: list[int] = []
    keys = {key for tags in CATEGORIES.values() for key, _ in tags}
    for thing in osmium.FileProcessor(str(file)):
        tags = {tag.k: tag.v for tag in thing.tags}
        wanted = bool(keys & tags.keys()) and any(tags.get(name, "").strip() for name in NAMED)
        match thing:
            case osmium.osm.Node():
                nodes[thing.id] = (thing.lon, thing.lat)
                if wanted:
                    found.append((f"osm:n{thing.id}", tags, shapely.Point(thing.lon, thing.lat)))
            case osmium.osm.Way():
                ways[thing.id] = [node.ref for node in thing.nodes]
                ring = ways[thing.id]
                if wanted and ring[0] == ring[-1] and len(ring) > 3 and tags.get("area") != "no":
                    found.append((f"osm:w{thing.id}", tags, shapely.Polygon([nodes[ref] for ref in ring]).centroid))
            case osmium.osm.Relation():
                outer = [member.ref for member in thing.members if member.type == "w" and member.role != "inner"]
                if tags.get("admin_level") == "2" and tags.get("ISO3166-1") == country:
                    border = outer
                elif wanted and tags.get("type") == "multipolygon":
                    shape = pieced(outer, ways, nodes)
                    found.append((f"osm:r{thing.id}", tags, shape.centroid))
    inside = pieced(border, ways, nodes)
    shapely.prepare(inside)
    return [(id, tags) for id, tags, point in found if inside.covers(point)]


def pieced(members: list[int], ways: dict[int, list[int]], nodes: dict[int, tuple[float, float]]) -> Any:
    lines = [shapely.LineString([nodes[ref] for ref in ways[member]]) for member in members if member in ways]
    return shapely.union_all(list(shapely.polygonize(lines).geoms))


def expected(country: str, wanted: list[tuple[str, str]]) -> Iterator[str]:
    for id, tags in held(country):
        if any(value in tags.get(key, "").split(";") for key, value in wanted):
            yield id


@pytest.mark.parametrize("country", sorted(EXTRACTS))
@pytest.mark.parametrize("query", CATEGORIES)
async def test_every_business_exactly_once(country: str, query: str) -> None:
    there = set(expected(country, CATEGORIES[query]))
    found: Counter[str] = Counter()
    businesses: Counter[str] = Counter()
    for location in locations.load(country):
        request = SearchRequest(query, country=country, location_id=location.location_id, max_results=500)
        result = await search(request)
        assert result.total == len(result.places)
        for place in result.places:
            assert place.location_id == location.location_id
            businesses[place.place_id] += 1
            found.update(origin.id for origin in place.origins)
    assert max(businesses.values(), default=1) == 1
    assert max(found.values(), default=1) == 1
    assert set(found) == there
    everywhere = await search(SearchRequest(query, country=country, max_results=500))
    assert Counter(place.place_id for place in everywhere.places) == businesses


def test_the_extracts_hold_enough_to_tell() -> None:
    assert {country: sum(1 for _ in expected(country, CATEGORIES["restaurants"])) for country in EXTRACTS} == {
        "AD": 204,
        "LI": 70,
        "MC": 117,
    }
