import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.maps.text import inflected, likeness, parts, slips, stump


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("restaurant", "restaurants"),
        ("bakery", "bakeries"),
        ("zahnarzt", "zahnarzte"),
        ("apotheke", "apotheken"),
        ("hopital", "hopitaux"),
        ("farmacia", "farmacie"),
        ("hotel", "hoteles"),
        ("kapper", "kappers"),
        ("restauracja", "restauracje"),
        ("стоматолог", "стоматологи"),
        ("εστιατοριο", "εστιατορια"),
        ("pizza place", "pizza places"),
    ],
)
def test_forms_of_a_word(one: str, other: str) -> None:
    assert 0.8 < inflected(one, other) < 1
    assert inflected(one, other) == inflected(other, one)
    assert other.startswith(stump(one.split(" ")[0]))


@pytest.mark.parametrize(
    ("one", "other"),
    [("bar", "bakery"), ("bank", "bankrupt"), ("school", "scholar"), ("wine shop", "wine"), ("pub", "pump"), ("", "s")],
)
def test_other_words(one: str, other: str) -> None:
    assert inflected(one, other) == 0


@pytest.mark.parametrize("slip", ["dentst", "dentisst", "dnetist", "dentizt", "entist", "dentistt", "den tist"])
def test_slips_lead_back(slip: str) -> None:
    assert "dentist" in slips(slip)


@given(st.text("abcdefgh ", min_size=1, max_size=12))
def test_slips_are_near(phrase: str) -> None:
    assert all(abs(len(candidate) - len(phrase)) <= 1 for candidate in slips(phrase))


def test_likeness() -> None:
    assert likeness("restaurant", "restaurant") == 1
    assert likeness("restaraunt", "restaurant") > 0.75
    assert likeness("restaurant", "hotel") < 0.2
    assert likeness("", "a") == 0


def test_parts_of_compounds() -> None:
    assert {"zahnarzt", "praxis"} <= set(parts("zahnarztpraxis"))
    assert "レストラン" in parts("近くのレストラン")
    assert list(parts("abc")) == []
