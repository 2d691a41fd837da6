"""Businesses of an OpenStreetMap extract, each given to one location, written in the packaged form."""

from __future__ import annotations

import json
import lzma
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import osmium
import shapely

from orbweave import locations
from orbweave.maps.osm import ATTRIBUTION, LICENSE, is_business
from orbweave.maps.packaged import SUFFIX

# The admin level of municipalities, which differs by country; 8 is the most common.
MUNICIPALITY_LEVEL = {"AD": "7", "MC": "10"}

# What no business field is made of: provenance, geometry and the mapper's notes.
_DROPPED = (
    "source", "created_by", "note", "fixme", "building", "roof", "layer", "ele", "wikipedia", "survey", "ref:", "area",
    "start_date", "boundary", "mapillary", "natural", "landuse", "seamark", "check_date", "brand:wikipedia", "mtb",
    "hiking",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Business:
    id: str
    point: shapely.Point
    tags: dict[str, str]

    @property
    def order(self) -> tuple[str, int]:
        return self.id[0], int(self.id[1:])


def build(extract: Path, folder: Path) -> tuple[str, int]:
    """Writes ``extract``'s country into ``folder``; returns its code and the number of businesses."""
    objects = osmium.FileProcessor(str(extract)).with_areas()
    data_date = objects.header.get("osmosis_replication_timestamp")
    borders: dict[str, Any] = {}
    areas: list[tuple[str, Any]] = []
    found: list[Business] = []
    for thing in objects:
        tags = {tag.k: tag.v for tag in thing.tags} if len(thing.tags) else {}
        if isinstance(thing, osmium.osm.Area):
            if tags.get("boundary") == "administrative" and tags.get("admin_level") == "2" and "ISO3166-1" in tags:
                borders[tags["ISO3166-1"]] = _shape(thing)
            elif tags.get("boundary") == "administrative" and "name" in tags:
                areas.append((tags.get("admin_level", ""), _shape(thing)))
            if is_business(tags):
                kind = "w" if thing.from_way() else "r"
                found.append(Business(f"{kind}{thing.orig_id()}", _shape(thing).centroid, tags))
        elif isinstance(thing, osmium.osm.Node) and is_business(tags):
            found.append(Business(f"n{thing.id}", shapely.Point(thing.lon, thing.lat), tags))

    if len(borders) != 1:
        raise SystemExit(f"{extract} holds the borders of {len(borders)} countries; give the extract of one.")
    ((code, border),) = borders.items()
    shapely.prepare(border)
    level = MUNICIPALITY_LEVEL.get(code, "8")
    assign = Assignment(code, [shape for area_level, shape in areas if area_level == level])
    inside = sorted((business for business in found if border.covers(business.point)), key=lambda one: one.order)

    header = {
        "country": code,
        "source": "openstreetmap",
        "license": LICENSE,
        "attribution": ATTRIBUTION,
        "data_date": data_date,
        "places": len(inside),
    }
    lines = [header, *(_line(business, assign(business.point)) for business in inside)]
    text = "\n".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{code}{SUFFIX}").write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    return code, len(inside)


def _line(business: Business, location_id: int) -> dict[str, Any]:
    return {
        "id": business.id,
        "lat": round(business.point.y, 6),
        "lon": round(business.point.x, 6),
        "location": location_id,
        "tags": {key: business.tags[key] for key in sorted(business.tags) if not key.startswith(_DROPPED)},
    }


class Assignment:
    """Which location a point belongs to: the nearest of those in its municipality, else the nearest of the country."""

    def __init__(self, country: str, municipalities: list[Any]) -> None:
        self.places = locations.load(country)
        points = [shapely.Point(place.longitude, place.latitude) for place in self.places]
        self.members = []
        for area in municipalities:
            shapely.prepare(area)
            inside = [place for place, point in zip(self.places, points, strict=True) if area.covers(point)]
            self.members.append((area, inside))

    def __call__(self, point: shapely.Point) -> int:
        own = next((inside for area, inside in self.members if inside and area.covers(point)), self.places)
        return min(own, key=lambda place: (_distance(place, point), place.location_id)).location_id


def _distance(place: locations.Location, point: shapely.Point) -> float:
    """Squared, in degrees of latitude: enough to compare within a country."""
    east = (place.longitude - point.x) * math.cos(math.radians(point.y))
    north = place.latitude - point.y
    return float(east * east + north * north)


_WKB = osmium.geom.WKBFactory()


def _shape(area: osmium.osm.Area) -> Any:
    return shapely.from_wkb(bytes.fromhex(_WKB.create_multipolygon(area)))
