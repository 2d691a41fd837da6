from __future__ import annotations

import pytest

from orbweave.errors import InvalidInput
from orbweave.locations import countries
from orbweave.places.geofabrik import extract, paths


@pytest.mark.parametrize(
    ("name", "country", "path"),
    [
        ("li", "LI", "europe/liechtenstein"),
        (" Liechtenstein ", "LI", "europe/liechtenstein"),
        ("Österreich", "AT", "europe/austria"),
        ("日本", "JP", "asia/japan"),
        ("czech-republic", "CZ", "europe/czech-republic"),
        ("AE", "AE", "asia/gcc-states"),
        ("gcc-states", None, "asia/gcc-states"),
        ("AO", "AO", "africa/angola"),
    ],
)
def test_an_extract_by_name(name: str, country: str | None, path: str) -> None:
    assert extract(name, "https://a.example/") == (country, f"https://a.example/{path}-latest.osm.pbf")


def test_every_path_belongs_to_a_country() -> None:
    assert paths().keys() <= countries().keys()
    for code, path in paths().items():
        assert extract(countries()[code], "https://a.example") == extract(code, "https://a.example")
        assert not path.endswith("/")
        assert path == path.strip()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lichtenstein", "did you mean Liechtenstein?"),
        ("Qwertz", "give a country, a file or an address."),
        ("", "give a country"),
        ("VA", "There is no extract of Vatican"),
    ],
)
def test_what_there_is_not(name: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as raised:
        extract(name, "https://a.example")
    assert raised.value.field == "what"
