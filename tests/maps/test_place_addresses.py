import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.locations import countries
from orbweave.maps.addresses import _customs, address

WAY = {
    "addr:street": "Weg",
    "addr:housenumber": "1",
    "addr:postcode": "9490",
    "addr:city": "Ort",
    "addr:state": "ST",
    "addr:suburb": "Viertel",
}


@pytest.mark.parametrize(
    ("country", "line"),
    [
        ("LI", "Weg 1, 9490 Ort, Land"),
        ("AD", "1 Weg, 9490 Ort, Land"),
        ("FR", "1 Weg, 9490 Ort, Land"),
        ("ES", "Weg, 1, 9490 Ort, Land"),
        ("GB", "1 Weg, Viertel, Ort, 9490, Land"),
        ("US", "1 Weg, Ort, ST 9490, Land"),
        ("AU", "1 Weg, Ort ST 9490, Land"),
        ("BR", "Weg, 1, Viertel, Ort - ST, 9490, Land"),
        ("RU", "Weg, 1, Ort, 9490, Land"),
        ("HU", "9490 Ort, Weg 1, Land"),
        ("AQ", "Weg 1, 9490 Ort, Land"),
    ],
)
def test_as_the_country_writes_it(country: str, line: str) -> None:
    assert address(WAY, country, "Land", "Stadt") == line


@pytest.mark.parametrize(
    ("country", "tags", "line"),
    [
        ("LI", {}, "Stadt, Land"),
        ("BR", {}, "Stadt, Land"),
        ("JP", {}, "Land, Stadt"),
        ("LI", {"addr:housenumber": "3"}, "Stadt, Land"),
        ("AT", {"addr:place": "Au", "addr:housenumber": "3"}, "Au 3, Stadt, Land"),
        ("LI", {"addr:housename": "Schloss"}, "Schloss, Stadt, Land"),
        ("LI", {"contact:street": "Weg", "contact:housenumber": "1"}, "Weg 1, Stadt, Land"),
        ("MC", {"addr:full": "42 Boulevard d'Italie, Stadt 98000"}, "42 Boulevard d'Italie, Stadt 98000, Land"),
        ("MC", {"addr:full": "42 Boulevard d'Italie"}, "42 Boulevard d'Italie, Stadt, Land"),
        ("MC", {"addr:full": "x", "addr:street": "Rue"}, "Rue, Stadt, Land"),
    ],
)
def test_what_is_missing_is_left_out(country: str, tags: dict[str, str], line: str) -> None:
    assert address(tags, country, "Land", "Stadt") == line


def test_large_comes_first_in_east_asia() -> None:
    tokyo = {
        "addr:province": "東京都",
        "addr:city": "渋谷区",
        "addr:quarter": "神宮前",
        "addr:neighbourhood": "1丁目",
        "addr:block_number": "5",
        "addr:housenumber": "2",
        "addr:postcode": "150-0001",
    }
    assert address(tokyo, "JP", "Japan", "Shibuya") == "Japan, 150-0001, 東京都渋谷区神宮前1丁目5-2"
    seoul = {
        "addr:province": "서울특별시",
        "addr:district": "강남구",
        "addr:street": "테헤란로",
        "addr:housenumber": "152",
    }
    assert address(seoul, "KR", "South Korea", "Seoul") == "South Korea, 서울특별시 강남구 테헤란로 152"
    beijing = {
        "addr:city": "北京市",
        "addr:district": "朝阳区",
        "addr:street": "建国路",
        "addr:housenumber": "93号",
    }
    assert address(beijing, "CN", "China", "Beijing") == "China, 北京市朝阳区建国路93号"


def test_the_table_is_of_countries() -> None:
    assert len(_customs()) > 60
    assert _customs().keys() - {""} <= countries().keys()


@given(st.sampled_from(sorted(_customs())), st.sets(st.sampled_from(sorted(WAY))))
def test_no_empty_part_leaves_a_trace(country: str, keys: set[str]) -> None:
    line = address({key: WAY[key] for key in keys}, country, "Land", "Stadt")
    assert "Land" in line
    assert all(part.strip(" -") == part != "" for part in line.split(", "))
