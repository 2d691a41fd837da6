import pytest

from orbweave.errors import InvalidInput
from orbweave.maps import NoSource, SearchRequest, UnknownQuery, search
from orbweave.maps.search import resolve

VADUZ = 3042030


@pytest.mark.parametrize(
    ("query", "country", "location"),
    [
        ("restaurants in Vaduz", None, "Vaduz, Liechtenstein"),
        ("restaurants Vaduz, Liechtenstein", None, "Vaduz, Liechtenstein"),
        ("Restaurants in Vaduz", "LI", "Vaduz, Liechtenstein"),
        ("restaurants, Vaduz", None, "Vaduz, Liechtenstein"),
        ("bars à Monte-Carlo", None, "Monte-Carlo, Municipality of Monaco, Monaco"),
        ("restaurantes en Andorra la Vella", None, "Andorra la Vella, Andorra"),
        ("restaurants in Liechtenstein", None, "Liechtenstein"),
        ("restaurants", "li", "Liechtenstein"),
        ("Hotel Metropole in Monaco", None, "Monaco"),
    ],
)
async def test_the_place_is_found_in_the_query(query: str, country: str | None, location: str) -> None:
    data = (await search(SearchRequest.from_payload({"search_query": query, "country": country}))).data()
    assert data["metadata"]["location"] == location
    assert data["results_count"] == len(data["businesses"]) > 0


@pytest.mark.parametrize(
    ("query", "country", "lang", "what", "where"),
    [
        ("dentists in Wien", None, None, "dentists", "Vienna, Austria"),
        ("歯医者 東京", None, None, "歯医者", "Tokyo, Japan"),
        ("pizza in Paris, Texas", None, None, "pizza", "Paris, Texas, United States"),
        ("dentists in Cambridge, GB", None, None, "dentists", "Cambridge, England, United Kingdom"),
        ("bakery in San José, CR", None, None, "bakery", "San José, Costa Rica"),
        ("Vaduz dentist", None, None, "dentist", "Vaduz, Liechtenstein"),
        ("стоматолог в Москве", None, None, "стоматолог", "Moscow, Russia"),
        ("zubař v Brně", None, "cs", "zubař", "Brno, South Moravian, Czechia"),
        ("zubař v Praze", "CZ", None, "zubař", "Prague, Czechia"),
        ("fogorvos Budapesten", None, "hu", "fogorvos", "Budapest, Hungary"),
    ],
)
def test_places_in_other_languages_and_cases(
    query: str, country: str | None, lang: str | None, what: str, where: str
) -> None:
    found, place = resolve(SearchRequest(query, country=country, lang=lang), ["AD", "LI", "MC"])
    assert place.location
    assert (found, place.location.display_name) == (what, where)


def test_countries_in_other_languages() -> None:
    what, where = resolve(SearchRequest("hotels in Österreich"), ["LI"])
    assert (what, where.country, where.location) == ("hotels", "AT", None)


def test_a_name_of_several_places_is_answered_with_them() -> None:
    with pytest.raises(InvalidInput, match='"Springfield, Illinois, US"') as caught:
        resolve(SearchRequest("restaurants in Springfield"), ["AD", "LI", "MC"])
    assert caught.value.field == "search_query"


def test_a_place_of_the_sources_own_countries_comes_first() -> None:
    _, where = resolve(SearchRequest("restaurants in Schaan"), ["LI"])
    assert where.country == "LI"


async def test_data() -> None:
    result = await search(SearchRequest.from_payload({"query": "restaurants in Vaduz", "max_results": 5}))
    data = result.data()
    assert data["query"] == "restaurants in Vaduz"
    assert data["results_count"] == 5
    metadata = data["metadata"]
    assert metadata["total_matches"] > 5
    assert metadata["matched"]["tags"] == [{"amenity": "restaurant"}]
    assert metadata["location_id"] == VADUZ
    assert metadata["source"] == "embedded"
    assert "© OpenStreetMap contributors, ODbL 1.0" in metadata["attribution"]


async def test_the_order_is_stable_and_those_with_a_website_come_first() -> None:
    request = SearchRequest("restaurants", country="LI", max_results=100)
    first, again = await search(request), await search(request)
    assert [place.place_id for place in first.places] == [place.place_id for place in again.places]
    websites = [place.website is not None for place in first.places]
    assert websites == sorted(websites, reverse=True)


async def test_a_campaigns_location_wins_over_the_text() -> None:
    for query in ("restaurants", "restaurants Vaduz, Liechtenstein"):
        result = await search(
            SearchRequest.from_payload({"search_query": query, "location_id": VADUZ, "country": "LI"})
        )
        assert result.understanding.label == "Restaurant"
        assert {place.location_id for place in result.places} == {VADUZ}


async def test_phones_unchecked_on_request() -> None:
    payload = {"search_query": "restaurants", "country": "LI", "max_results": 100, "validate_phones": False}
    found = (await search(SearchRequest.from_payload(payload))).data()["businesses"]
    with_phone = [business for business in found if business["phone"]]
    assert with_phone
    assert all(business["phone_e164"] is business["phone_valid"] is None for business in with_phone)


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "search_query"),
        ({"search_query": "  "}, "search_query"),
        ({"search_query": 5}, "search_query"),
        ({"search_query": "x" * 501}, "search_query"),
        ({"search_query": "bars", "max_results": 0}, "max_results"),
        ({"search_query": "bars", "max_results": 101}, "max_results"),
        ({"search_query": "bars", "max_results": "20"}, "max_results"),
        ({"search_query": "bars", "max_results": True}, "max_results"),
        ({"search_query": "bars", "location_id": VADUZ, "max_results": 501}, "max_results"),
        ({"search_query": "bars", "location_id": "1"}, "location_id"),
        ({"search_query": "bars", "country": "ZZ"}, "country_code"),
        ({"search_query": "bars", "country": 1}, "country"),
        ({"search_query": "bars", "lang": []}, "lang"),
    ],
)
def test_bad_payloads_name_the_field(payload: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        SearchRequest.from_payload(payload)
    assert caught.value.field == field


def test_payload_defaults_and_unknown_fields() -> None:
    request = SearchRequest.from_payload({"query": " bars ", "whatever": 1, "max_results": None})
    assert request == SearchRequest("bars")
    assert SearchRequest.from_payload({"query": "bars", "location_id": VADUZ, "max_results": 500}).max_results == 500


async def test_a_country_without_places_says_which_there_are() -> None:
    with pytest.raises(NoSource, match="AD, LI, MC"):
        await search(SearchRequest("bakeries in Paris"))
    with pytest.raises(NoSource, match="DE"):
        await search(SearchRequest("bakeries", country="DE"))


@pytest.mark.parametrize(
    ("request_", "error", "says"),
    [
        (SearchRequest("restaurants"), InvalidInput, "say where"),
        (SearchRequest("restaurants in Qwxzvburg"), InvalidInput, "say where"),
        (SearchRequest("restaurants", location_id=1), InvalidInput, "no location 1"),
        (SearchRequest("restaurants", country="AD", location_id=VADUZ), InvalidInput, "no location"),
        (SearchRequest("asdfgh in Vaduz"), UnknownQuery, "names no kind"),
        (SearchRequest("bars in Vaduz", source="nowhere"), InvalidInput, "there is: embedded"),
    ],
)
async def test_errors_say_what_to_do(request_: SearchRequest, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        await search(request_)


async def test_those_known_to_be_as_it_was_preferred_come_first() -> None:
    found = (await search(SearchRequest("wheelchair accessible restaurants", country="MC", max_results=100))).places
    known = [place.tags.get("wheelchair") == "yes" for place in found]
    assert known == sorted(known, reverse=True)
    assert any(known)
    assert not all(known)
    assert not any(place.tags.get("wheelchair") == "no" for place in found)
