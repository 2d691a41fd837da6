"""The packaged places."""

import json
import lzma
from pathlib import Path

import pytest

import orbweave
from orbweave import locations

PACKAGE = Path(orbweave.__file__).parent
COUNTRIES = ["AD", "LI", "MC"]


def records(country: str) -> list[dict[str, object]]:
    text = lzma.decompress((PACKAGE / "maps" / "data" / "places" / f"{country}.jsonl.xz").read_bytes()).decode()
    return [json.loads(line) for line in text.split("\n")[1:]]


@pytest.mark.parametrize("country", COUNTRIES)
def test_records_are_sound(country: str) -> None:
    ids = {place.location_id for place in locations.load(country)}
    everything = records(country)
    assert len({one["id"] for one in everything}) == len(everything)
    for one in everything:
        assert one["location"] in ids
        assert isinstance(one["tags"], dict)
        assert not any(key.startswith(("disused:", "abandoned:")) and key in ("amenity", "shop") for key in one["tags"])


def test_packaged_data_is_small() -> None:
    data = [file for file in PACKAGE.rglob("data/**/*") if file.is_file() and "__pycache__" not in file.parts]
    ours = [file for file in data if {"maps", "locations"} & set(file.parts)]
    assert sum(file.stat().st_size for file in ours) < 6_000_000
    assert (PACKAGE / "maps" / "data" / "dictionary.zip").stat().st_size < 2_000_000
