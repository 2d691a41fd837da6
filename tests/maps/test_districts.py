import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave import locations
from orbweave.locations import Location
from orbweave.maps import districts

VIENNA = next(place for place in locations.load("AT") if place.name == "Vienna")

CODES = st.sampled_from(["1010", "1020", "1030", "1030 ", "1010;1020", "10 10", "abc", "", None])
PLACES = st.lists(st.tuples(st.floats(48.1, 48.3), st.floats(16.2, 16.5), CODES), max_size=60)


@given(PLACES)
def test_postcodes_partition_the_city(places: list[tuple[float, float, str | None]]) -> None:
    latitudes, longitudes, codes = ([place[column] for place in places] for column in range(3))
    ids, made = districts.cut(VIENNA, latitudes, longitudes, codes)
    assert len(ids) == len(places)
    if not made:
        assert (ids == districts.NONE).all()
        return
    assert len(made) >= 2
    assert {one.location_id for one in made} == set(ids.tolist())
    names = {one.location_id: one.name for one in made}
    for code, found in zip(codes, ids.tolist(), strict=True):
        own = districts.well_formed("AT", code)
        if own in names.values():
            assert names[found] == own


@given(PLACES)
def test_each_place_without_a_postcode_goes_with_the_nearest_that_has_one(
    places: list[tuple[float, float, str | None]],
) -> None:
    latitudes, longitudes, codes = ([place[column] for place in places] for column in range(3))
    ids, made = districts.cut(VIENNA, latitudes, longitudes, codes)
    names = {one.location_id: one.name for one in made}
    addressed = [at for at, code in enumerate(codes) if districts.well_formed("AT", code) in set(names.values())]
    squeeze = math.cos(math.radians(VIENNA.latitude))

    def far(one: int, other: int) -> float:
        return math.hypot(latitudes[one] - latitudes[other], (longitudes[one] - longitudes[other]) * squeeze)

    for at in range(len(places)):
        if made and at not in addressed:
            least = min(far(at, other) for other in addressed)
            assert any(ids[other] == ids[at] and far(at, other) <= least + 1e-9 for other in addressed)


@given(st.permutations(range(12)))
def test_ids_depend_on_nothing_but_city_and_postcode(order: list[int]) -> None:
    codes = ["1010"] * 4 + ["1020"] * 4 + ["1030"] * 4
    ids, made = districts.cut(VIENNA, [48.2] * 12, [16.3] * 12, [codes[at] for at in order])
    assert [one.name for one in made] == ["1010", "1020", "1030"]
    assert ids.tolist() == [districts.district_id(VIENNA, codes[at]) for at in order]


def test_a_postcode_is_a_location_of_its_city() -> None:
    ids, (first, _) = districts.cut(VIENNA, np.full(6, 48.2), np.full(6, 16.3), ["1010"] * 3 + ["1020"] * 3)
    assert first == Location(
        int(ids[0]), "AT", "Austria", "1010", "Vienna", 48.2, 16.3, 0, "postcode", "Vienna", False, VIENNA.location_id
    )
    assert first.search_string == "1010 Vienna, Austria"
    assert locations.FIRST_POSTCODE <= first.location_id < 2**53
    assert all(place.location_id < locations.FIRST_POSTCODE for place in locations.load_all())


def test_one_postcode_is_the_city() -> None:
    ids, made = districts.cut(VIENNA, [48.2] * 9, [16.3] * 9, ["1010"] * 7 + ["1020"] * (districts.FEWEST - 1))
    assert made == []
    assert set(ids.tolist()) == {districts.NONE}


def test_a_city_across_the_antimeridian() -> None:
    city = Location(1, "FJ", "Fiji", "Town", None, -16.8, 179.99, 100)
    longitudes = [179.9] * 3 + [-179.9] * 3 + [179.95, -179.95]
    ids, made = districts.cut(city, [-16.8] * 8, longitudes, ["ABC 1"] * 3 + ["ABC 2"] * 3 + [None, None])
    assert ids[6] == ids[0] != ids[3] == ids[7]
    assert [one.longitude for one in made] == pytest.approx([179.9125, -179.9125])


@pytest.mark.parametrize(
    ("country", "text", "postcode"),
    [
        ("AT", "1010", "1010"),
        ("AT", "A-1010", "1010"),
        ("AT", "A-10100", None),
        ("AD", "ad500", "AD500"),
        ("AD", "500", "AD500"),
        ("LI", "FL-9490", "9490"),
        ("GB", "1 1AA", None),
        ("GB", "sw1a  1aa", "SW1A"),
        ("GB", "M11AE", "M1"),
        ("GB", "EH12 5AB", "EH12"),
        ("US", "90210-1234", "90210"),
        ("NL", "1012 AB", "1012"),
        ("CA", "K1A 0B1", "K1A"),
        ("JP", "105-0011", "105"),
        ("LI", "9490;9491", "9490"),
        ("LI", "94900", None),
        ("AT", None, None),
    ],
)
def test_well_formed(country: str, text: str | None, postcode: str | None) -> None:
    assert districts.well_formed(country, text) == postcode
