"""The drawings of ``orbweave maps --map``."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from orbweave.cli import place_map
from orbweave.cli.place_map import WORLD, PlaceMap, html, png

TRICK = "</script><script>alert(1)</script><!-- \u2028 &amp; '\""


def business(longitude: float, latitude: float, name: str = "A", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "categories": ["Bakery"],
        "address": "Weg 1",
        "phone": "+423 232 22 88",
        "website": "https://a.example/",
        "coordinates": {"longitude": longitude, "latitude": latitude},
        **more,
    }


def drawn(country: str, *businesses: dict[str, Any]) -> PlaceMap:
    made = PlaceMap(country, "Bakery in <Vaduz>", "© OpenStreetMap contributors")
    for one in businesses:
        made.add(one)
    return made


def data(page: bytes) -> dict[str, Any]:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page.decode(), re.DOTALL)
    parsed: dict[str, Any] = json.loads(found)
    return parsed


def test_a_page_holds_all_and_needs_nothing_else() -> None:
    page = html(drawn("LI", business(9.52, 47.14)))
    text = page.decode()
    assert not re.search(r'(src|href)\s*=\s*["\']|url\(|@import|fetch\(', text)
    assert "default-src 'none'" in text
    assert "<title>Bakery in &lt;Vaduz&gt;</title>" in text
    held = data(page)
    assert held["count"] == "1 business"
    assert held["points"][0][3:] == ["Bakery", "A", "Weg 1", "+423 232 22 88", "https://a.example/"]
    assert held["kinds"] == [["Bakery", place_map.KINDS[0], 1]]
    assert "© OpenStreetMap contributors" in held["attribution"]
    assert "Natural Earth" not in held["attribution"]  # the border is of the extract
    assert "Natural Earth" in data(html(drawn("AT", business(16.4, 48.2))))["attribution"]
    assert any(name == "Vaduz" for _, _, name in held["towns"])


@given(st.text() | st.just(TRICK))
def test_no_name_leaves_its_place_in_the_page(name: str) -> None:
    page = html(drawn("LI", business(9.52, 47.14, name)))
    assert data(page)["points"][0][4] == name
    assert page.decode().count("<script") == 2


def test_only_web_addresses_become_links() -> None:
    page = html(drawn("LI", business(9.52, 47.14, website="javascript:alert(1)")))
    assert data(page)["points"][0][7] == ""


def test_a_picture_shows_the_places_on_the_country() -> None:
    image = Image.open(io.BytesIO(png(drawn("LI", business(9.52, 47.05), business(9.53, 47.25)))))
    assert image.size == place_map.SIZE
    colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or ()}
    for hexadecimal in (place_map.SEA, place_map.LAND, place_map.KINDS[0]):
        assert tuple(bytes.fromhex(hexadecimal[1:])) in colours


@pytest.mark.parametrize("country", ["FJ", "RU", "NZ", "US", "NO", "VA", "UM"])
def test_every_country_can_be_drawn(country: str) -> None:
    empty = drawn(country)
    assert data(html(empty))["points"] == []
    assert png(empty)


def test_a_country_across_the_antimeridian_is_in_one_piece() -> None:
    fiji = drawn("FJ", business(179.9, -16.8), business(-179.9, -16.8))
    assert fiji.whole.width < WORLD / 30
    first, second = fiji.points
    assert 0 < second.x - first.x < WORLD / 1000


def test_a_town_of_a_large_country_is_shown_near_with_the_country_beside_it() -> None:
    near = drawn("DE", business(13.40, 52.50), business(13.42, 52.52))
    assert near.view.width < near.whole.width / 10
    assert drawn("DE", business(7.0, 50.0), business(13.4, 52.5)).view == near.whole
    assert png(near)
    small = drawn("LI", business(9.52, 47.14))
    assert small.view == small.whole


def test_the_rarest_kinds_are_one() -> None:
    kinds = [*"aaabbbccddeeffghij"]
    many = drawn("LI", *(business(9.5, 47.1, categories=[kind]) for kind in kinds))
    assert [kind.name for kind in many.kinds] == ["a", "b", "c", "d", "e", "f", "Other"]
    assert many.kinds[-1].places == 4
    assert sum(kind.places for kind in many.kinds) == len(kinds)
    assert [many.kind_of(point) for point in many.points][-1] == 6
