from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave import locations
from orbweave.maps import Dataset, Feature, SearchRequest, osm, plan, search

VADUZ = next(place for place in locations.load("LI") if place.name == "Vaduz")


def place(tags: dict[str, str], lang: str | None = None) -> osm.Place:
    dataset = Dataset("openstreetmap", osm.LICENSE, osm.ATTRIBUTION)
    return osm.place(Feature("osm:n42", 47.1, 9.5, tags), VADUZ, dataset, lang=lang)


def test_every_field() -> None:
    tags = {
        "amenity": "restaurant",
        "cuisine": "italian;wood_fired",
        "name": "Amarone",
        "brand": "Amarone Group",
        "brand:wikidata": "Q1",
        "wheelchair": "limited",
        "phone": "12; +423 232 22 88",
        "mobile": "+423 791 23 45",
        "website": "http://www.Amarone.li/menu?utm_source=osm&lang=de",
        "contact:email": "info@amarone.li",
        "contact:facebook": "https://facebook.com/amarone",
        "instagram": "@amarone_li",
        "addr:street": "Städtle",
        "addr:housenumber": "29",
        "addr:postcode": "9490",
        "addr:city": "Vaduz",
        "opening_hours": "Mo-Sa 11:30-14:00",
        "image": "https://example.org/a.jpg",
    }
    found = place(tags)
    assert found.business() == {
        "name": "Amarone",
        "place_id": "osm:n42",
        "rating": None,
        "reviews_count": None,
        "address": "Städtle 29, 9490 Vaduz, Liechtenstein",
        "phone": "+423 232 22 88",
        "phone_e164": "+4232322288",
        "phone_national": "232 22 88",
        "phone_type": "fixed_line",
        "phone_valid": True,
        "phones": [
            {
                "raw": "+423 232 22 88",
                "e164": "+4232322288",
                "national": "232 22 88",
                "type": "fixed_line",
                "valid": True,
            },
            {
                "raw": "+423 791 23 45",
                "e164": "+4237912345",
                "national": "791 23 45",
                "type": "mobile",
                "valid": True,
            },
        ],
        "website": "http://www.amarone.li/menu?lang=de",
        "categories": ["Italian Restaurant", "Restaurant", "Wood fired"],
        "coordinates": {"latitude": 47.1, "longitude": 9.5},
        "link": "https://www.openstreetmap.org/node/42",
        "business_status": "OPERATIONAL",
        "price_range": None,
        "working_hours": {
            **dict.fromkeys(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"], "11:30-14:00"),
            "Sunday": "Closed",
        },
        "opening_hours": "Mo-Sa 11:30-14:00",
        "image_url": "https://example.org/a.jpg",
        "email": "info@amarone.li",
        "source": "openstreetmap",
        "source_license": "ODbL-1.0",
        "source_version": None,
        "attribution": "© OpenStreetMap contributors, ODbL 1.0",
        "expires_at": None,
        "sources": [{"source": "openstreetmap", "id": "osm:n42", "license": "ODbL-1.0", "version": None}],
        "brand": "Amarone Group",
        "brand_wikidata": "Q1",
        "cuisine": ["italian", "wood_fired"],
        "wheelchair": "limited",
        "social_media": {
            "facebook": "https://www.facebook.com/amarone",
            "instagram": "https://www.instagram.com/amarone_li",
        },
        "tags": tags,
    }
    assert place({"shop": "toys", "name": "A"}).business().keys() == found.business().keys()


def test_the_least() -> None:
    found = place({"shop": "yes", "operator": "Somebody"})
    assert found.name == "Somebody"
    assert found.address == "Vaduz, Liechtenstein"
    business = found.business()
    assert business["phone"] is business["website"] is business["email"] is None
    assert business["categories"] == ["Shop"]


def test_names_in_the_language_asked() -> None:
    tags = {"amenity": "bank", "name": "Bank", "name:fr": "Banque"}
    assert place(tags).name == "Bank"
    assert place(tags, "fr").name == "Banque"
    assert place(tags, "fr").categories == ("Banque",)


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        ({"amenity": "restaurant", "name": "A"}, True),
        ({"shop": "shoes", "brand": "A"}, True),
        ({"office": "company", "operator": "A"}, True),
        ({"amenity": "restaurant"}, False),
        ({"amenity": "restaurant", "name": " "}, False),
        ({"amenity": "parking", "name": "A"}, False),
        ({"amenity": "parking;fuel", "name": "A"}, True),
        ({"amenity": "bench", "shop": "kiosk", "name": "A"}, True),
        ({"shop": "vacant", "name": "A"}, False),
        ({"amenity": "cafe", "name": "A", "disused": "yes"}, False),
        ({"disused:amenity": "cafe", "name": "A"}, False),
        ({"abandoned:shop": "yes", "name": "A"}, False),
        ({"tourism": "information", "information": "board", "name": "A"}, False),
        ({"tourism": "information", "information": "office", "name": "A"}, True),
        ({"highway": "residential", "name": "A"}, False),
    ],
)
def test_what_a_business_is(tags: dict[str, str], kept: bool) -> None:
    assert osm.is_business(tags) is kept


@pytest.mark.parametrize(
    ("tags", "e164"),
    [
        ({"phone": "232 22 88"}, "+4232322288"),
        ({"phone": "nonsense; +423 232 22 88"}, "+4232322288"),
        ({"phone": "+41 44 668 18 00 / +41 44 668 18 01"}, "+41446681800"),
        ({"contact:mobile": "+423 791 23 45"}, "+4237912345"),
        ({"phone": "12"}, None),
        ({"fax": "+423 232 22 88"}, None),
    ],
)
def test_phones(tags: dict[str, str], e164: str | None) -> None:
    found = osm.phones(tags, "LI")
    assert (found[0].e164 if found else None) == e164


def test_all_numbers_each_once() -> None:
    tags = {"phone": "232 22 88; +423 232 22 88 / +423 791 23 45", "contact:mobile": "791 23 45", "mobile": "1"}
    assert [number.e164 for number in osm.phones(tags, "LI")] == ["+4232322288", "+4237912345"]


def test_a_bad_number_is_dropped_unless_none_is_checked() -> None:
    found = place({"shop": "toys", "name": "A", "phone": "12;232 22 88"})
    assert [number.raw for number in found.phones] == ["232 22 88"]
    unchecked = osm.with_unchecked_phones(found).business()
    assert (unchecked["phone"], unchecked["phone_e164"], unchecked["phone_valid"]) == ("12", None, None)
    assert [number["raw"] for number in unchecked["phones"]] == ["12", "232 22 88"]


@pytest.mark.parametrize(
    ("tags", "counts"),
    [
        ({"name": "A", "shop": "toys"}, {}),
        ({"phone": "232 22 88", "website": "a.example", "opening_hours": "24/7", "facebook": "aa"}, {}),
        ({"phone": "12; 13, +423 232 22 88"}, {"phone": 2}),
        ({"website": "none", "contact:website": "http:/x; https://a.example"}, {"website": 2}),
        ({"email": "a(at)b.example; a@b.example"}, {"email": 1}),
        ({"opening_hours": "Mo-Fr 8 to 5"}, {"opening_hours": 1}),
        ({"opening_hours": " "}, {}),
        ({"contact:facebook": "https://www.amarone.li/", "image": "none"}, {"social_media": 1, "image": 1}),
    ],
)
def test_bad_values_are_counted(tags: dict[str, str], counts: dict[str, int]) -> None:
    assert osm.dropped(tags, "LI") == counts
    business = place({"shop": "toys", "name": "A", **tags}).business()
    for name in counts.keys() - {"phone", "website", "email"}:
        assert not business[{"image": "image_url"}.get(name, name)]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.example/", "https://a.example/"),
        ("www.a.example", "https://www.a.example/"),
        ("//a.example/x", "https://a.example/x"),
        ("HTTP://A.Example:8080/X?b=1&fbclid=2#c", "http://a.example:8080/X?b=1#c"),
        ("https://Müller.example", "https://xn--mller-kva.example/"),
        ("пример.рф", "https://xn--e1afmkfd.xn--p1ai/"),
        ("https://a.example/?q=a+b%20c&utm_source=x&empty=&flag", "https://a.example/?q=a+b%20c&empty=&flag"),
        ("https://-.-", None),
        ("http:/broken", None),
        ("mailto:a@a.example", None),
        ("ftp://a.example", None),
        ("javascript:alert(1)", None),
        ("not a url", None),
        ("http://user:pass@a.example", None),
        ("http://[::1", None),
        ("http://a.example:99999", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_websites(text: str, url: str | None) -> None:
    assert osm.normalise_url(text) == url


@given(st.text())
def test_any_text_is_a_web_address_or_none(text: str) -> None:
    url = osm.normalise_url(text)
    assert url is None or osm.normalise_url(url) == url


async def test_a_search_tells_what_was_dropped() -> None:
    found = await search(SearchRequest("hotels", country="AD", max_results=3))
    every = Counter[str]()
    async for one in (await plan(SearchRequest("hotels", country="AD"))).places():
        every.update(osm.dropped(one.tags, "AD"))
    assert found.data()["metadata"]["dropped"] == every
    assert every["phone"] + every["opening_hours"] > 0


KEYS = [*osm.PHONE_KEYS, *osm.WEBSITE_KEYS, *osm.EMAIL_KEYS, *osm.SOCIAL_KEYS, "opening_hours", "image"]


@given(st.dictionaries(st.sampled_from(KEYS), st.text()))
def test_any_tags_make_a_place(tags: dict[str, str]) -> None:
    business = place({**tags, "shop": "toys", "name": "A"}).business()
    assert business["name"] == "A"
    if tags.get("opening_hours", "").strip():
        assert (business["opening_hours"] is None) == (osm.dropped(tags, "LI")["opening_hours"] == 1)


@pytest.mark.parametrize(
    ("tags", "email"),
    [
        ({"email": "a@b.example"}, "a@b.example"),
        ({"email": "mailto:a@b.example"}, "a@b.example"),
        ({"email": "x; a@b.example"}, "a@b.example"),
        ({"email": "Info@B.Example"}, "Info@b.example"),
        ({"contact:email": "a@b.example,c@d.example"}, "a@b.example"),
        ({"email": "a(at)b.example"}, None),
    ],
)
def test_emails(tags: dict[str, str], email: str | None) -> None:
    assert osm.email(tags) == email
