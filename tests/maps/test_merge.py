"""One business once: what is merged, and what must stay two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.maps.distance import metres
from orbweave.maps.merge import Facts, combined, duplicates, same

Record = tuple[str, int, float, dict[str, str]]
"""Id, source, metres to the north of the first, tags."""

CAFE = {"amenity": "cafe", "name": "Café Central"}
STREET = {"addr:street": "Herrengasse", "addr:housenumber": "14"}


def merged(*records: Record) -> dict[int, int]:
    latitudes = [47.0 + north / 111_195 for _, _, north, _ in records]
    return duplicates(latitudes, [9.5] * len(records), lambda n: Facts.of(records[n][0], records[n][3], records[n][1]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("osm:n1", 0, 0, CAFE), ("osm:w2", 0, 60, CAFE)),
        (("osm:n1", 0, 0, CAFE), ("osm:n2", 0, 20, {**CAFE, "phone": "+43 1 533 37 63"})),
        (("osm:n1", 0, 0, CAFE), ("x:1", 1, 100, {**CAFE, "name": "Cafe Central"})),
        (("osm:n1", 0, 0, CAFE), ("x:1", 1, 10, {**CAFE, "name": "Central"})),
        (
            ("osm:n1", 0, 0, {**CAFE, "phone": "+43 1 533 37 63"}),
            ("x:1", 1, 100, {"amenity": "restaurant", "name": "Central", "phone": "01/5333763"}),
        ),
        (
            ("osm:n1", 0, 0, {**CAFE, "website": "https://www.cafecentral.wien/"}),
            ("x:1", 1, 100, {"amenity": "bar", "name": "Cafe Central Wien", "website": "http://cafecentral.wien"}),
        ),
        (
            ("osm:n1", 0, 0, {**CAFE, **STREET}),
            ("x:1", 1, 50, {"shop": "pastry", "name": "Café Central", **STREET}),
        ),
    ],
)
def test_one_business(one: Record, other: Record) -> None:
    assert len(merged(one, other)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # A chain's branches.
        (("osm:n1", 0, 0, CAFE), ("osm:n2", 0, 60, CAFE)),
        (("osm:n1", 0, 0, CAFE), ("osm:w2", 0, 140, CAFE)),
        (("osm:n1", 0, 0, {**CAFE, **STREET}), ("osm:w2", 0, 20, {**CAFE, **STREET, "addr:housenumber": "16"})),
        (("osm:n1", 0, 0, {**CAFE, "level": "0"}), ("osm:n2", 0, 5, {**CAFE, "level": "1"})),
        (("osm:n1", 0, 0, {**CAFE, "ref": "A"}), ("osm:w2", 0, 5, {**CAFE, "ref": "B"})),
        (("osm:n1", 0, 0, {**CAFE, "phone": "+43 1 5333763"}), ("osm:w2", 0, 5, {**CAFE, "phone": "+43 1 5333764"})),
        (
            ("osm:n1", 0, 0, {**CAFE, "website": "https://a.example/vienna"}),
            ("x:1", 1, 20, {**CAFE, "website": "https://a.example/graz"}),
        ),
        # Other businesses.
        (("osm:n1", 0, 0, CAFE), ("osm:w2", 0, 5, {**CAFE, "name": "Café Mozart"})),
        (("osm:n1", 0, 0, CAFE), ("osm:w2", 0, 5, {"shop": "gift", "name": "Café Central"})),
        (("osm:n1", 0, 0, CAFE), ("x:1", 1, 200, CAFE)),
        (("osm:n1", 0, 0, {**CAFE, "name": "Schule 12"}), ("x:1", 1, 20, {**CAFE, "name": "Schule 13"})),
        (("osm:n1", 0, 0, {**CAFE, "name": "Bar A"}), ("x:1", 1, 20, {**CAFE, "name": "Bar B"})),
        (("osm:n1", 0, 0, CAFE), ("x:1", 1, 20, {"shop": "gift", "name": "Café Central Shop"})),
        (
            ("osm:n1", 0, 0, {"shop": "clothes", "name": "A", "operator": "Inditex"}),
            ("osm:n2", 0, 3, {"shop": "clothes", "name": "B", "operator": "Inditex"}),
        ),
        (
            ("osm:n1", 0, 0, {**CAFE, "brand:wikidata": "Q1"}),
            ("x:1", 1, 20, {**CAFE, "brand:wikidata": "Q2"}),
        ),
    ],
)
def test_two_businesses(one: Record, other: Record) -> None:
    assert merged(one, other) == {}


def test_who_stands_is_of_the_first_source_then_who_knows_most_then_the_first() -> None:
    rich = {**CAFE, "phone": "+43 1 5333763", "website": "a.example"}
    assert merged(("osm:n1", 0, 0, CAFE), ("x:1", 1, 5, rich)) == {1: 0}
    assert merged(("osm:n1", 0, 0, CAFE), ("osm:w2", 0, 5, rich)) == {0: 1}
    assert merged(("osm:n1", 0, 0, CAFE), ("osm:w2", 0, 5, CAFE), ("osm:w3", 0, 6, CAFE)) == {1: 0, 2: 0}


def test_what_is_known_of_a_business_together() -> None:
    own = {"name": "A", "addr:street": "Herrengasse"}
    more = {"name": "B", "addr:street": "Other", "addr:housenumber": "1", "phone": "1", "building": "yes"}
    assert combined(own, [more, {"phone": "2", "email": "a@b.example"}]) == {
        **own,
        "phone": "1",
        "email": "a@b.example",
    }


@given(
    st.lists(
        st.tuples(st.floats(-0.002, 0.002), st.floats(-0.002, 0.002), st.sampled_from("ABC"), st.integers(0, 1)),
        max_size=40,
    )
)
def test_who_stands_for_another_stands_alone(records: list[tuple[float, float, str, int]]) -> None:
    facts = [Facts.of(f"osm:w{n}", {**CAFE, "name": name}, source) for n, (_, _, name, source) in enumerate(records)]
    found = duplicates([one[0] for one in records], [one[1] for one in records], facts.__getitem__)
    assert not found.keys() & set(found.values())
    for one, other in found.items():
        assert records[one][2] == records[other][2]
        apart = metres(*records[one][:2], *records[other][:2])
        assert same(facts[one], facts[other], apart)
        assert facts[other].dataset <= facts[one].dataset
