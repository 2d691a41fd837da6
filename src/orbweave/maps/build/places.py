"""Businesses of an OpenStreetMap extract, each given to one location, written in the packaged form."""

from __future__ import annotations

import json
import lzma
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely

from orbweave.maps.cut import OUTSIDE, Cut
from orbweave.maps.feature import Feature
from orbweave.maps.merge import merged
from orbweave.maps.osm import kept
from orbweave.maps.packaged import SUFFIX
from orbweave.maps.sources.openstreetmap import Extract


def build(path: Path, folder: Path) -> tuple[str, int]:
    """Writes the country of the extract at ``path`` into ``folder``; returns its code and the number of businesses."""
    extract = Extract(path)
    found = sorted(extract.features(), key=_order)
    borders = extract.borders()
    if len(borders) != 1:
        raise SystemExit(f"{path} holds the borders of {len(borders)} countries; give the extract of one.")
    (border,) = borders
    shares = Cut(border).shares([one.latitude for one in found], [one.longitude for one in found])
    inside = [(feature, int(share)) for feature, share in zip(found, shares, strict=True) if share != OUTSIDE]
    location = {feature.id: share for feature, share in inside}
    standing = merged([replace(feature, tags=kept(feature.tags)) for feature, _ in inside])

    header = {
        "country": border.country,
        "source": extract.dataset.source,
        "license": extract.dataset.license,
        "attribution": extract.dataset.attribution,
        "data_date": extract.dataset.version,
        "places": len(standing),
        "outline": _rings(_near(border.outline, [feature for feature, _ in inside])),
    }
    lines = [header, *(_line(feature, location[feature.id], also) for feature, also in standing)]
    text = "\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{border.country}{SUFFIX}").write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    return border.country, len(standing)


OUTLINE_DEGREES = 0.0003
"""How far a line of the outline may be from the border: 30 m, which no drawing shows."""


def _near(outline: Any, features: list[Feature]) -> Any:
    """Without the waters that belong to a country, which for Monaco are most of it."""
    west, east = min(one.longitude for one in features), max(one.longitude for one in features)
    south, north = min(one.latitude for one in features), max(one.latitude for one in features)
    wide, high = 0.3 * (east - west), 0.3 * (north - south)
    return shapely.intersection(outline, shapely.box(west - wide, south - high, east + wide, north + high))


def _rings(outline: Any) -> list[list[list[list[float]]]]:
    """Of each polygon its rings, of each ring its points (longitude, latitude)."""
    simple = shapely.simplify(outline, OUTLINE_DEGREES)
    polygons = [part for part in shapely.get_parts(simple) if isinstance(part, shapely.Polygon)]
    return [
        [[[round(x, 4), round(y, 4)] for x, y in ring.coords] for ring in (part.exterior, *part.interiors)]
        for part in polygons
    ]


def _order(feature: Feature) -> tuple[str, int]:
    letter_and_number = feature.id.removeprefix("osm:")
    return letter_and_number[0], int(letter_and_number[1:])


def _line(feature: Feature, location_id: int, also: tuple[str, ...]) -> dict[str, Any]:
    """``also``: the other objects that are this business."""
    return {
        "id": feature.id.removeprefix("osm:"),
        "lat": round(feature.latitude, 6),
        "lon": round(feature.longitude, 6),
        "location": location_id,
        "tags": dict(sorted(feature.tags.items())),
        **({"also": [id.removeprefix("osm:") for id in also]} if also else {}),
    }
