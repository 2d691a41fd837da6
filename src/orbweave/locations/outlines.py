"""Where countries lie: Natural Earth's outlines (public domain), simplified, packaged.

They are for drawing and for telling the country of a coordinate, to about a kilometre; small countries are kept to
200 metres or so. The archive is a topology, so that neighbours share their border: an outline is made of arcs, given by
number as in TopoJSON (``~n`` is arc n backwards), and an arc of steps on a grid. Written by
``python -m orbweave.locations.build outlines``. Members: ``countries`` (JSON: code -> polygons of rings of arcs),
``grid`` (JSON: west, south, degrees a step east and north), ``arcs`` (the number of steps of each), ``east`` and
``north`` (the steps, zigzag, three planes of bytes, high to low).
"""

from __future__ import annotations

import json
import zipfile
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from orbweave.locations.gazetteer import country_code

if TYPE_CHECKING:
    import shapely

ATTRIBUTION = "Natural Earth, public domain"
ARCHIVE = files("orbweave.locations") / "data" / "outlines.zip"
OFF_SHORE = 0.1
"""How far from its outline a point still counts as of a country, in degrees: outlines cut off capes and islets."""


@lru_cache(maxsize=32)
def outline(country: str) -> shapely.MultiPolygon:
    """The outline of the country with this code (any case), in degrees, longitude first; empty for the few without
    one, such as a territory of reefs. It ends at 180 degrees and goes on at -180. Raises InvalidInput."""
    import shapely

    code = country_code(country)
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in _topology().polygons(code)]
    made = shapely.make_valid(shapely.MultiPolygon(polygons))
    parts = [part for part in shapely.get_parts(shapely.get_parts(made)) if isinstance(part, shapely.Polygon)]
    return shapely.MultiPolygon(parts)


def country_at(latitude: float, longitude: float) -> str | None:
    """The code of the country that has the point, else of the nearest within ``OFF_SHORE``; None at sea."""
    import shapely

    codes, tree = _index()
    point = shapely.Point(longitude, latitude)
    found = tree.query(point, predicate="intersects")
    if not len(found):
        found = tree.query_nearest(point, max_distance=OFF_SHORE, all_matches=False)
    return min(codes[number] for number in found) if len(found) else None


class _Topology:
    def __init__(self) -> None:
        import numpy as np

        with ARCHIVE.open("rb") as file, zipfile.ZipFile(file) as archive:
            west, south, east, north = json.loads(archive.read("grid"))
            self.countries: dict[str, list[list[list[int]]]] = json.loads(archive.read("countries"))
            lengths = json.loads(archive.read("arcs"))
            steps = np.stack([_unzigzag(archive.read(name)) for name in ("east", "north")], axis=1)
        self._arcs = [
            np.cumsum(arc, axis=0) * (east, north) + (west, south) for arc in np.split(steps, np.cumsum(lengths)[:-1])
        ]

    def polygons(self, code: str) -> list[list[Any]]:
        """Per polygon its rings, the outer one first, as arrays of (longitude, latitude)."""
        return [[self._ring(arcs) for arcs in polygon] for polygon in self.countries.get(code, ())]

    def _ring(self, arcs: list[int]) -> Any:
        import numpy as np

        return np.concatenate([self._arcs[arc] if arc >= 0 else self._arcs[~arc][::-1] for arc in arcs])


def _unzigzag(planes: bytes) -> Any:
    import numpy as np

    high, middle, low = np.frombuffer(planes, np.uint8).reshape(3, -1).astype(np.int64)
    values = (high << 16) | (middle << 8) | low
    return (values >> 1) ^ -(values & 1)


@lru_cache(maxsize=1)
def _topology() -> _Topology:
    return _Topology()


@lru_cache(maxsize=1)
def _index() -> tuple[list[str], Any]:
    import shapely

    parts = [(code, part) for code in sorted(_topology().countries) for part in outline(code).geoms]
    return [code for code, _ in parts], shapely.STRtree([part for _, part in parts])
