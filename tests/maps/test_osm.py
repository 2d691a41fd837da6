import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave import locations
from orbweave.maps import Dataset, Feature, osm

VADUZ = next(place for place in locations.load("LI") if place.name == "Vaduz")


def place(tags: dict[str, str], lang: str | None = None) -> osm.Place:
    dataset = Dataset("openstreetmap", osm.LICENSE, osm.ATTRIBUTION)
    return osm.place(Feature("osm:n42", 47.1, 9.5, tags), VADUZ, dataset, lang=lang)


def test_every_field() -> None:
    found = place(
        {
            "amenity": "restaurant",
            "cuisine": "italian;wood_fired",
            "name": "Amarone",
            "brand": "Amarone Group",
            "phone": "+423 232 22 88",
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
    )
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
        "website": "http://www.amarone.li/menu?lang=de",
        "categories": ["Italian Restaurant", "Restaurant", "Wood fired"],
        "coordinates": {"latitude": 47.1, "longitude": 9.5},
        "link": "https://www.openstreetmap.org/node/42",
        "business_status": "OPERATIONAL",
        "price_range": None,
        "working_hours": "Mo-Sa 11:30-14:00",
        "image_url": "https://example.org/a.jpg",
        "email": "info@amarone.li",
        "source": "openstreetmap",
        "source_license": "ODbL-1.0",
        "source_version": None,
        "attribution": "© OpenStreetMap contributors, ODbL 1.0",
        "expires_at": None,
        "sources": [{"source": "openstreetmap", "id": "osm:n42", "license": "ODbL-1.0", "version": None}],
        "brand": "Amarone Group",
        "social_media": {
            "facebook": "https://facebook.com/amarone",
            "instagram": "https://www.instagram.com/amarone_li",
        },
    }


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
    found = osm.phone(tags, "LI")
    assert (found.e164 if found else None) == e164


def test_a_bad_number_is_kept_raw_and_said_to_be_bad() -> None:
    found = osm.phone({"phone": "12"}, "LI")
    assert found
    assert (found.raw, found.valid, found.e164) == ("12", False, None)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.example/", "https://a.example/"),
        ("www.a.example", "https://www.a.example/"),
        ("//a.example/x", "https://a.example/x"),
        ("HTTP://A.Example:8080/X?b=1&fbclid=2#c", "http://a.example:8080/X?b=1#c"),
        ("https://müller.example", "https://müller.example/"),
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


@given(st.dictionaries(st.sampled_from([*osm.PHONE_KEYS, *osm.WEBSITE_KEYS, *osm.EMAIL_KEYS, "facebook"]), st.text()))
def test_any_tags_make_a_place(tags: dict[str, str]) -> None:
    assert place({**tags, "shop": "toys", "name": "A"}).business()["name"] == "A"


@pytest.mark.parametrize(
    ("tags", "email"),
    [
        ({"email": "a@b.example"}, "a@b.example"),
        ({"email": "mailto:a@b.example"}, "a@b.example"),
        ({"email": "x; a@b.example"}, "a@b.example"),
        ({"contact:email": "a@b.example,c@d.example"}, "a@b.example"),
        ({"email": "a(at)b.example"}, None),
    ],
)
def test_emails(tags: dict[str, str], email: str | None) -> None:
    assert osm.email(tags) == email


@pytest.mark.parametrize(
    ("country", "address"),
    [("LI", "Weg 1, 9490 Vaduz, Liechtenstein"), ("AD", "1 Weg, 9490 Vaduz, Liechtenstein")],
)
def test_the_house_number_stands_where_the_country_puts_it(country: str, address: str) -> None:
    tags = {"addr:street": "Weg", "addr:housenumber": "1", "addr:postcode": "9490"}
    assert osm.address(tags, country, "Liechtenstein", "Vaduz") == address
