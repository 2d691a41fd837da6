import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from orbweave import locations
from orbweave.errors import InvalidInput
from orbweave.locations import outlines

SMALL = ["AD", "LI", "LU", "MC", "MT", "SG", "SM"]


@pytest.mark.parametrize("code", SMALL)
def test_small_countries_are_there(code: str) -> None:
    outline = locations.outline(code)
    assert outline.is_valid
    assert outline.area > 0
    assert locations.outline(code.lower()).equals(outline)


def test_liechtenstein_has_its_size() -> None:
    west, south, east, north = locations.outline("LI").bounds
    assert (west, south, east, north) == pytest.approx((9.47, 47.05, 9.64, 47.27), abs=0.03)


def test_nearly_every_country_with_people_has_a_valid_outline() -> None:
    without = {code for code in locations.countries() if locations.outline(code).is_empty}
    assert without <= {"BV", "VA"}
    assert all(locations.outline(code).is_valid for code in locations.countries())


def test_neighbours_share_their_border_without_a_gap() -> None:
    shared = locations.outline("ES").boundary.intersection(locations.outline("PT").boundary)
    assert shared.length > 5
    assert locations.outline("ES").intersection(locations.outline("PT")).area < 1e-6


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        (47.14, 9.52, "LI"),
        (42.506, 1.52, "AD"),
        (43.735, 7.42, "MC"),
        (48.2, 16.37, "AT"),
        (16.24, -61.53, "GP"),  # France's, but a code of its own
        (4.92, -52.31, "GF"),
        (78.22, 15.63, "SJ"),
        (42.66, 21.16, "XK"),
        (52.37, 4.9, "NL"),
        (-16.8, 179.99, "FJ"),
        (0.0, -30.0, None),
        (89.9, 0.0, None),
    ],
)
def test_country_of_a_coordinate(latitude: float, longitude: float, code: str | None) -> None:
    assert locations.country_at(latitude, longitude) == code


def test_the_country_of_a_place_is_nearly_always_its_own() -> None:
    places = list(locations.load_all())[::97]
    agreed = sum(locations.country_at(place.latitude, place.longitude) == place.country_code for place in places)
    assert agreed / len(places) > 0.99


@settings(deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_point_within_an_outline_is_of_its_country(latitude: float, longitude: float) -> None:
    code = locations.country_at(latitude, longitude)
    point = shapely.Point(longitude, latitude)
    if code is None:
        assert not any(locations.outline(one).intersects(point) for one in ("BR", "CA", "CN", "RU", "US"))
    else:
        assert locations.outline(code).distance(point) <= outlines.OFF_SHORE


def test_unknown_country() -> None:
    with pytest.raises(InvalidInput, match="two-letter code"):
        locations.outline("ZZ")
