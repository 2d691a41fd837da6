"""Filters as conditions, without a database."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from orbweave.campaigns import filters
from orbweave.campaigns.spec import LocationFilter
from orbweave.errors import InvalidInput

RING = [[9.0, 47.0], [10.0, 47.0], [10.0, 48.0], [9.0, 48.0], [9.0, 47.0]]
HOLE = [[9.4, 47.4], [9.6, 47.4], [9.6, 47.6], [9.4, 47.6], [9.4, 47.4]]
POLYGON = {"type": "Polygon", "coordinates": [RING, HOLE]}


@pytest.mark.parametrize(
    "geojson",
    [
        POLYGON,
        {"type": "MultiPolygon", "coordinates": [[RING, HOLE]]},
        {"type": "Feature", "properties": {}, "geometry": POLYGON},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": None, "geometry": POLYGON}]},
    ],
)
def test_a_polygon_in_any_wrapping(geojson: dict[str, Any]) -> None:
    area = filters.area(geojson)
    assert area.equals(shapely.Polygon(RING, [HOLE]))
    assert not area.contains(shapely.Point(9.5, 47.5))


@pytest.mark.parametrize(
    ("geojson", "words"),
    [
        (None, "is a GeoJSON object"),
        ({}, "is a GeoJSON object"),
        ([1], "is a GeoJSON object"),
        ({"type": "Point", "coordinates": [9, 47]}, "not 'Point'"),
        ({"type": "Polygon", "coordinates": 5}, "not 'Polygon'"),
        ({"type": "Polygon", "coordinates": []}, "without a ring"),
        ({"type": "MultiPolygon", "coordinates": []}, "no Polygon in it"),
        ({"type": "FeatureCollection", "features": []}, "no Polygon in it"),
        ({"type": "Polygon", "coordinates": [RING[:3]]}, "fewer than four"),
        ({"type": "Polygon", "coordinates": [RING[:4]]}, "not closed"),
        ({"type": "Polygon", "coordinates": [[[47.0, 9.0], [200.0, 9.0], [1.0, 1.0], [47.0, 9.0]]]}, "longitude comes"),
        ({"type": "Polygon", "coordinates": [[["9", "47"]] * 4]}, "not \\[longitude, latitude\\]"),
        ({"type": "Polygon", "coordinates": [[[True, 1]] * 4]}, "not \\[longitude, latitude\\]"),
        ({"type": "Polygon", "coordinates": [[[float("nan"), 1]] * 4]}, "no number"),
        ({"type": "Polygon", "coordinates": [RING * 2_500]}, "more than 10,000"),
    ],
)
def test_a_bad_polygon_says_what_is_wrong(geojson: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as raised:
        filters.area(geojson)
    assert raised.value.field == "filter.polygon"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.sampled_from([RING, HOLE, [9.0, 47.0]]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.fixed_dictionaries(
            {"type": st.sampled_from(["Polygon", "MultiPolygon", "Feature", "FeatureCollection"])},
            optional={"coordinates": inner, "geometry": inner, "features": inner},
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_an_area_or_a_sentence(geojson: Any) -> None:
    try:
        area = filters.area(geojson)
    except InvalidInput as error:
        said = str(error)
    else:
        said = "filter.polygon " if area.is_valid else "an invalid area"
    assert said.startswith("filter.polygon ")


@pytest.mark.parametrize("name", ["illinois", "ILLINOIS", "Illinois ", "IL"])
def test_regions_by_name_in_any_case_or_code(name: str) -> None:
    chosen = LocationFilter("regions", admin_regions=(name, "Nowhere"))
    assert filters.condition(chosen, "US").regions == ["Illinois", "Nowhere"]


def test_a_city_by_any_of_its_names() -> None:
    assert filters.condition(LocationFilter("city", parent_city="Wien"), "AT").parent_id == 2761369
    with pytest.raises(InvalidInput, match='"Springfield, Illinois, US"') as raised:
        filters.condition(LocationFilter("city", parent_city="Springfield"), "US")
    assert raised.value.field == "filter.parent_city"


def test_cities_only_are_cities() -> None:
    assert filters.condition(LocationFilter("all", include_postcodes=True), "LI").include_postcodes
    assert not filters.condition(LocationFilter("cities_only", include_postcodes=True), "LI").include_postcodes
