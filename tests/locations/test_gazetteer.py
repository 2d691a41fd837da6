import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave import locations
from orbweave.errors import InvalidInput


def test_country_comes_largest_first() -> None:
    places = locations.load("li")
    assert len(places) == 14
    assert places == sorted(places, key=lambda place: (-place.population, place.location_id))
    vaduz = next(place for place in places if place.name == "Vaduz")
    assert vaduz.location_id == 3042030
    assert vaduz.search_string == "Vaduz, Liechtenstein"
    assert (vaduz.latitude, vaduz.longitude) == (47.1415, 9.5215)
    assert (vaduz.country_code, vaduz.country_name, vaduz.admin_region) == ("LI", "Liechtenstein", "Vaduz")
    assert (vaduz.location_type, vaduz.parent_city, vaduz.needs_postcodes) == ("city", None, False)


def test_display_name_shows_the_region_where_it_differs() -> None:
    names = {place.name: place.display_name for place in locations.load("LI")}
    assert names["Vaduz"] == "Vaduz, Liechtenstein"
    assert names["Bendern"] == "Bendern, Gamprin, Liechtenstein"


def test_world_is_whole() -> None:
    ids = set()
    codes = set()
    for place in locations.load_all():
        assert place.location_id not in ids
        ids.add(place.location_id)
        codes.add(place.country_code)
        assert -90 <= place.latitude <= 90
        assert -180 <= place.longitude <= 180
        assert place.population >= 0
        assert place.name == place.name.strip() != ""
    assert len(ids) > 230_000
    assert len(codes) > 240
    assert codes <= set(locations.countries())


def test_a_country_without_places_is_empty() -> None:
    assert locations.load("AQ") == []


@pytest.mark.parametrize("code", ["ZZ", "", "Liechtenstein", "L", "countries", "../x"])
def test_unknown_country_says_what_to_give(code: str) -> None:
    with pytest.raises(InvalidInput, match="two-letter code"):
        locations.load(code)


@pytest.mark.parametrize(
    ("country", "text", "display_name"),
    [
        (None, "Vaduz", "Vaduz, Liechtenstein"),
        (None, "vaduz,  LI", "Vaduz, Liechtenstein"),
        ("AD", "Andorra la Vella", "Andorra la Vella, Andorra"),
        ("li", "mals", "Mäls, Balzers, Liechtenstein"),
        (None, "Springfield, Illinois, US", "Springfield, Illinois, United States"),
        (None, "Springfield, Massachusetts", "Springfield, Massachusetts, United States"),
        ("LI", "Schaa", "Schaan, Liechtenstein"),
        (None, "Springfield, IL", "Springfield, Illinois, United States"),
        (None, "Paris, Texas", "Paris, Texas, United States"),
        (None, "Paris, Frankreich", "Paris, Île-de-France, France"),
        (None, "Cambridge, GB", "Cambridge, England, United Kingdom"),
        (None, "Frankfurt (Oder)", "Frankfurt (Oder), Brandenburg, Germany"),
        (None, "Atlanta, Georgia", "Atlanta, Georgia, United States"),
        (None, "国立", "Kunitachi, Tokyo, Japan"),
        (None, "国立市", "Kunitachi, Tokyo, Japan"),
        (None, "부산시", "Busan, South Korea"),
        (None, "Москва", "Moscow, Russia"),
        (None, "Freiburg, Baden-Württemberg", "Freiburg, Baden-Wurttemberg, Germany"),
        (None, "القاهرة", "Cairo, Egypt"),
        (None, "Αθηνα", "Athens, Attica, Greece"),
        (None, "Wien", "Vienna, Austria"),
        (None, "Vienne, Autriche", "Vienna, Austria"),
        (None, "VIENA, AT", "Vienna, Austria"),
        (None, "Becs", "Vienna, Austria"),
        (None, "Wiedeń", "Vienna, Austria"),
        (None, "ウィーン", "Vienna, Austria"),
        ("DE", "München", "Munich, Bavaria, Germany"),
    ],
)
def test_find(country: str | None, text: str, display_name: str) -> None:
    assert locations.find(country, text)[0].display_name == display_name


@pytest.mark.parametrize(
    ("name", "code"),
    [("Österreich", "AT"), ("allemagne", "DE"), ("日本", "JP"), ("Liechtensteine", None), ("Inde", "IN"), ("uk", "GB")],
)
def test_countries_are_known_in_other_languages(name: str, code: str | None) -> None:
    assert locations.country_called(name) == code


@pytest.mark.parametrize(
    ("text", "typed_name"),
    [
        ("London", "London, England, GB"),
        ("Frankfurt", "Frankfurt am Main, Hesse, DE"),
        ("Moscow", "Moscow, Moscow, RU"),
        ("Cambridge, Massachusetts", "Cambridge, Massachusetts, US"),
    ],
)
def test_a_clearly_larger_place_is_meant(text: str, typed_name: str) -> None:
    assert locations.choose(locations.find(None, text, exact=True), text).typed_name == typed_name


@pytest.mark.parametrize(("country", "text"), [(None, "San José"), (None, "Cambridge"), ("US", "Springfield")])
def test_places_of_equal_standing_are_choices_that_can_be_typed(country: str | None, text: str) -> None:
    with pytest.raises(InvalidInput, match="several places") as raised:
        locations.choose(locations.find(country, text, exact=True), text, field="search_query")
    assert raised.value.field == "search_query"
    choices = re.findall(r'"([^"]+)"', str(raised.value))
    assert 2 <= len(choices) <= 8
    for choice in choices:
        assert locations.choose(locations.find(None, choice, exact=True), choice).typed_name == choice


def test_the_largest_of_one_region_is_meant() -> None:
    found = locations.find("US", "Springfield, Illinois", exact=True)
    assert locations.choose(found, "Springfield") == found[0]


@pytest.mark.parametrize(
    ("country", "text", "name"),
    [(None, "Москве", "Moscow"), (None, "Krakowie", "Kraków"), ("CZ", "Praze", "Prague"), ("HU", "Pécsett", "Pécs")],
)
def test_a_name_with_another_ending(country: str | None, text: str, name: str) -> None:
    assert locations.find_inflected(country, text)[0].name == name


@pytest.mark.parametrize("text", ["", "Qwxzvburg", "Pa", "San"])
def test_no_name_with_another_ending(text: str) -> None:
    assert locations.find_inflected(None, text) == []


@pytest.mark.parametrize(
    ("country", "name", "region"),
    [
        ("DE", "Bayern", "Bavaria"),
        ("DE", "berlin", "State of Berlin"),
        ("AT", "WIEN", "Vienna"),
        ("IT", "Südtirol", "Trentino-Alto Adige"),
        ("JP", "東京都", "Tokyo"),
        ("CH", "GR", "Grisons"),
        ("RO", "cluj", "Cluj County"),
        ("US", "il", "Illinois"),
        ("US", "Bayern", None),
    ],
)
def test_regions_by_other_names(country: str, name: str, region: str | None) -> None:
    assert locations.region_called(country, name) == region


def test_other_names_are_folded_and_not_the_own_one() -> None:
    for code in ("AT", "JP", "LI"):
        names = {place.location_id: place.name for place in locations.load(code)}
        for location_id, others in locations.aliases(code).items():
            assert locations.fold(names[location_id]) not in others
            assert [locations.fold(name) for name in others] == others


@pytest.mark.parametrize("code", ["AD", "LI", "LU", "SI"])
def test_find_gives_all_that_are_called_so_and_no_other(code: str) -> None:
    others = locations.aliases(code)
    called: dict[str, set[int]] = {}
    for place in locations.load(code):
        for name in (locations.fold(place.name), *others.get(place.location_id, ())):
            called.setdefault(name, set()).add(place.location_id)
    for name, ids in called.items():
        assert {place.location_id for place in locations.find(code, name, exact=True)} == ids


def test_find_exact() -> None:
    assert locations.find("LI", "Schaa", exact=True) == []
    assert [place.name for place in locations.find("LI", "schaan", exact=True)] == ["Schaan"]


def test_find_puts_the_larger_of_equal_names_first() -> None:
    springfields = locations.find("US", "Springfield")
    assert len(springfields) > 5
    assert springfields == sorted(springfields, key=lambda place: (-place.population, place.location_id))


@pytest.mark.parametrize("text", ["", " , ", "Qwxzv", "Vaduz, Andorra"])
def test_find_nothing(text: str) -> None:
    assert locations.find("LI", text) == []


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zürich", "zurich"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Saint-Étienne", "saint etienne"),
        ("McDonald’s", "mcdonalds"),
        ("ガソリン", "ガソリン"),
        ("हिन्दी", "हिन्दी"),
        ("치과", "치과"),
        ("  ", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert locations.fold(text) == folded


@given(st.text())
def test_folding_is_idempotent_and_ignores_case(text: str) -> None:
    folded = locations.fold(text)
    assert locations.fold(folded) == folded
    assert folded == " ".join(folded.split())


@given(st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_latin_folding_ignores_case(text: str) -> None:
    assert locations.fold(text.upper()) == locations.fold(text)
