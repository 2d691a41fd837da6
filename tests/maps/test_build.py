"""The importer on a small country drawn here: who is in, and whose each business is."""

import json
import lzma
from pathlib import Path

import pytest

from orbweave.maps.build import places

VADUZ, TRIESEN, SCHAAN = 3042030, 3042035, 3042041

# Squares in degrees: west, south, east, north.
BORDER = (9.40, 47.00, 9.60, 47.30)
MUNICIPALITIES = {
    "Vaduz and Triesen": (9.45, 47.09, 9.60, 47.155),  # holds the points of both, and of Triesenberg
    "Nobody": (9.40, 47.00, 9.44, 47.03),  # holds no location
}
NODES = {
    1: (9.522, 47.140, {"amenity": "restaurant", "name": "In Vaduz"}),
    2: (9.528, 47.108, {"amenity": "restaurant", "name": "In Triesen"}),
    3: (9.510, 47.152, {"amenity": "restaurant", "name": "Of the municipality, though Schaan is nearer"}),
    4: (9.510, 47.160, {"amenity": "restaurant", "name": "In no municipality"}),
    5: (9.420, 47.010, {"amenity": "restaurant", "name": "Where nobody lives"}),
    6: (9.390, 47.140, {"amenity": "restaurant", "name": "Over the border"}),
    7: (9.522, 47.141, {"amenity": "bench", "name": "No business"}),
    8: (9.522, 47.142, {"amenity": "cafe"}),
    9: (9.522, 47.143, {"disused:shop": "shoes", "name": "Gone"}),
    10: (9.522, 47.144, {"shop": "shoes", "brand": "Only a brand", "source": "survey", "note": "x"}),
}
BUILDING = (9.530, 47.130, 9.532, 47.132)


def osm_xml() -> str:
    nodes, ways, relations = [], [], []
    for id_, (lon, lat, tags) in NODES.items():
        inner = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        nodes.append(f'<node id="{id_}" version="1" lon="{lon}" lat="{lat}">{inner}</node>')

    def square(way: int, box: tuple[float, float, float, float], tags: str = "") -> None:
        west, south, east, north = box
        corners = ((west, south), (east, south), (east, north), (west, north))
        for corner, (lon, lat) in enumerate(corners):
            nodes.append(f'<node id="{way * 10 + corner}" version="1" lon="{lon}" lat="{lat}"/>')
        refs = "".join(f'<nd ref="{way * 10 + corner}"/>' for corner in (0, 1, 2, 3, 0))
        ways.append(f'<way id="{way}" version="1">{refs}{tags}</way>')

    def boundary(id_: int, box: tuple[float, float, float, float], level: int, tags: str) -> None:
        square(id_, box)
        relations.append(
            f'<relation id="{id_}" version="1"><member type="way" ref="{id_}" role="outer"/>'
            f'<tag k="type" v="boundary"/><tag k="boundary" v="administrative"/><tag k="admin_level" v="{level}"/>'
            f"{tags}</relation>"
        )

    boundary(100, BORDER, 2, '<tag k="ISO3166-1" v="LI"/><tag k="name" v="Liechtenstein"/>')
    for number, (name, box) in enumerate(MUNICIPALITIES.items(), 101):
        boundary(number, box, 8, f'<tag k="name" v="{name}"/>')
    square(200, BUILDING, '<tag k="building" v="yes"/><tag k="tourism" v="hotel"/><tag k="name" v="A building"/>')
    return f'<osm version="0.6">{"".join(nodes)}{"".join(ways)}{"".join(relations)}</osm>'


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    folder = tmp_path_factory.mktemp("build")
    extract = folder / "extract.osm"
    extract.write_text(osm_xml())
    assert places.build(extract, folder) == ("LI", 7)
    text = lzma.decompress((folder / "LI.jsonl.xz").read_bytes()).decode()
    return [json.loads(line) for line in text.split("\n")]


def test_header(built: list[dict[str, object]]) -> None:
    header = built[0]
    assert (header["country"], header["places"], header["license"]) == ("LI", 7, "ODbL-1.0")
    assert header["attribution"] == "© OpenStreetMap contributors, ODbL 1.0"


def test_each_business_belongs_to_one_location(built: list[dict[str, object]]) -> None:
    assert {one["id"]: one["location"] for one in built[1:]} == {
        "n1": VADUZ,
        "n2": TRIESEN,
        "n3": VADUZ,
        "n4": SCHAAN,
        "n5": next(one["location"] for one in built[1:] if one["id"] == "n5"),
        "n10": VADUZ,
        "w200": VADUZ,
    }


def test_tags_that_make_no_field_are_left_out(built: list[dict[str, object]]) -> None:
    shop = next(one for one in built[1:] if one["id"] == "n10")
    assert shop["tags"] == {"shop": "shoes", "brand": "Only a brand"}
    building = next(one for one in built[1:] if one["id"] == "w200")
    assert building["tags"] == {"tourism": "hotel", "name": "A building"}
    assert (building["lat"], building["lon"]) == (47.131, 9.531)


def test_an_extract_without_its_border_is_refused(tmp_path: Path) -> None:
    extract = tmp_path / "extract.osm"
    extract.write_text('<osm version="0.6"><node id="1" version="1" lon="9.5" lat="47.1"/></osm>')
    with pytest.raises(SystemExit, match="borders of 0 countries"):
        places.build(extract, tmp_path)
