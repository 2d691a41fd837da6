"""The cut is a partition: every point of a country has one location, the same however it is asked."""

import shapely
from hypothesis import given
from hypothesis import strategies as st

from orbweave import locations
from orbweave.locations import Location, load
from orbweave.maps.cut import Borders, Cut
from orbweave.maps.distance import metres


def place(id: int, latitude: float, longitude: float) -> Location:
    return Location(id, "LI", "Liechtenstein", f"Place {id}", None, latitude, longitude, 1000)


NEAR, FAR, EAST = place(1, 47.1, 9.5), place(2, 47.3, 9.5), place(3, 47.1, 9.9)


def test_the_municipality_decides_then_the_nearest() -> None:
    municipality = shapely.box(9.4, 47.11, 9.6, 47.4)  # holds FAR alone, though NEAR is nearer to its south
    cut = Cut(Borders("LI", shapely.box(9.0, 47.0, 10.0, 48.0), [municipality]), [NEAR, FAR, EAST])
    assert cut.share(47.12, 9.5) == 2
    assert cut.share(47.09, 9.5) == 1
    assert cut.share(47.12, 9.85) == 3


def test_a_municipality_without_a_location_goes_to_the_nearest() -> None:
    empty = shapely.box(9.6, 47.05, 9.65, 47.15)
    cut = Cut(Borders("LI", None, [empty]), [NEAR, EAST])
    assert cut.share(47.1, 9.62) == 1


def test_several_locations_of_one_municipality_share_it() -> None:
    cut = Cut(Borders("LI", None, [shapely.box(9, 47, 10, 48)]), [NEAR, FAR])
    assert (cut.share(47.19, 9.5), cut.share(47.21, 9.5)) == (1, 2)


def test_beyond_the_border_and_in_an_enclave_is_outside() -> None:
    outline = shapely.Polygon(shapely.box(9, 47, 10, 48).exterior, [shapely.box(9.3, 47.3, 9.4, 47.4).exterior])
    cut = Cut(Borders("LI", outline), [NEAR])
    assert cut.share(46.9, 9.5) is None
    assert cut.share(47.35, 9.35) is None
    assert cut.share(47.0, 9.5) == 1  # on the line is inside
    islands = shapely.MultiPolygon([shapely.box(9, 47, 10, 48), shapely.box(20, 40, 21, 41)])
    assert Cut(Borders("LI", islands), [NEAR]).share(40.5, 20.5) == 1


def test_on_the_line_between_two_municipalities_it_is_of_one() -> None:
    halves = [shapely.box(9, 47, 9.5, 48), shapely.box(9.5, 47, 10, 48)]
    cut = Cut(Borders("LI", None, halves), [place(1, 47.5, 9.2), place(2, 47.5, 9.8)])
    assert cut.share(47.5, 9.5) in (1, 2)


def test_across_the_antimeridian() -> None:
    fiji = Cut(Borders("FJ"))
    taveuni = min(locations.load("FJ"), key=lambda one: metres(-16.8, 179.98, one.latitude, one.longitude))
    assert fiji.share(-16.8, -179.99) == taveuni.location_id


def test_islands_beyond_the_antimeridian_of_all_locations() -> None:
    """The last of the Aleutians lie where the longitudes of America have gone round to 180 degrees east."""
    cities = {city.location_id: city for city in load("US")}
    attu = Cut(Borders("US")).share(52.9, 172.9)
    assert attu is not None
    assert cities[attu].admin_region == "Alaska"


def test_a_country_without_locations_has_no_shares() -> None:
    assert Cut(Borders("AQ")).share(-80, 0) is None


@given(st.lists(st.tuples(st.floats(42.43, 42.65), st.floats(1.41, 1.78)), min_size=1, max_size=30))
def test_all_together_or_one_by_one(points: list[tuple[float, float]]) -> None:
    cut = Cut(Borders("AD", None, [shapely.box(1.4, 42.5, 1.55, 42.6), shapely.box(1.5, 42.4, 1.6, 42.55)]))
    known = {one.location_id for one in locations.load("AD")}
    together = cut.shares([latitude for latitude, _ in points], [longitude for _, longitude in points])
    assert list(together) == [cut.share(*point) for point in points]
    assert set(together) <= known


@given(st.floats(42.43, 42.65), st.floats(1.41, 1.78))
def test_without_municipalities_it_is_the_nearest(latitude: float, longitude: float) -> None:
    by_id = {one.location_id: one for one in locations.load("AD")}
    share = by_id[Cut(Borders("AD")).share(latitude, longitude) or 0]
    nearest = min(metres(latitude, longitude, one.latitude, one.longitude) for one in by_id.values())
    assert metres(latitude, longitude, share.latitude, share.longitude) <= nearest * 1.02 + 1
