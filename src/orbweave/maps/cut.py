"""Which location of a country a point belongs to: every point to exactly one, so that the shares of all locations are
the country, without gap or overlap.

The municipality that contains the point decides, by the nearest of the locations it holds; where it holds none, or is
not known, the nearest location of the country. All locations take part, whatever is searched in later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from orbweave import locations
from orbweave.locations import Location

OUTSIDE = 0

BAND_DEGREES = 1.0
"""Within so many degrees of latitude a degree of longitude counts as equally long."""

CHUNK = 100_000
"""Points looked at together: a few hundred bytes each."""

# OpenStreetMap's admin_level of municipalities, where it is not the usual 8 (wiki: Tag:boundary=administrative).
MUNICIPALITY_LEVELS = {
    "AD": 7, "DK": 7, "EE": 7, "GR": 7, "HR": 7, "IS": 6, "JP": 7, "LT": 5, "LV": 6, "MC": 10, "MX": 6, "NO": 7,
    "PL": 7, "PT": 7, "SE": 7, "SK": 9, "UA": 7,
}  # fmt: skip


def municipality_level(country: str) -> int:
    return MUNICIPALITY_LEVELS.get(country, 8)


@dataclass(frozen=True, slots=True)
class Borders:
    """The (multi)polygons of a country and its municipalities, in degrees. ``outline`` None: not known."""

    country: str
    outline: shapely.Geometry | None = None
    municipalities: Sequence[shapely.Geometry] = field(default_factory=tuple)


class Cut:
    """``candidates``: the locations to choose from, by default the populated places of the gazetteer."""

    def __init__(self, borders: Borders, candidates: Iterable[Location] | None = None) -> None:
        places = list(locations.load(borders.country) if candidates is None else candidates)
        self._ids = np.array([place.location_id for place in places], dtype=np.int64)
        self._points = _Points([place.latitude for place in places], [place.longitude for place in places])
        self._outline = borders.outline
        if self._outline is not None:
            shapely.prepare(self._outline)
        self._tree = shapely.STRtree(list(borders.municipalities))
        found, members = self._tree.query(self._points.shapes, predicate="intersects")[::-1]
        self._members = {int(area): members[found == area] for area in np.unique(found)}

    def share(self, latitude: float, longitude: float) -> int | None:
        """The id of the location that has the point; None when it lies outside of the country."""
        return int(self.shares([latitude], [longitude])[0]) or None

    def shares(self, latitudes: Sequence[float] | Any, longitudes: Sequence[float] | Any) -> Any:
        """The location id of each point, as an int64 array; OUTSIDE for those outside of the country."""
        starts = range(0, len(latitudes), CHUNK)
        parts = [self._shares(latitudes[at : at + CHUNK], longitudes[at : at + CHUNK]) for at in starts]
        return np.concatenate([np.zeros(0, dtype=np.int64), *parts])

    def _shares(self, latitudes: Sequence[float] | Any, longitudes: Sequence[float] | Any) -> Any:
        points = shapely.points(longitudes, latitudes)
        if not len(self._ids):
            return np.zeros(len(points), dtype=np.int64)
        latitudes, longitudes = np.asarray(latitudes, dtype=float), np.asarray(longitudes, dtype=float)
        shares = np.full(len(points), -1, dtype=np.int64)
        inside, areas = self._tree.query(points, predicate="intersects")
        order = np.argsort(areas, kind="stable")
        inside, areas = inside[order], areas[order]
        starts = np.flatnonzero(np.diff(areas, prepend=-1))
        for area, of_area in zip(areas[starts], np.split(inside, starts[1:]), strict=False):
            members = self._members.get(int(area))
            if members is None:
                continue
            of_area = of_area[shares[of_area] < 0]  # on a line between two municipalities the first has it
            if len(members) == 1:
                shares[of_area] = members[0]
            else:
                shares[of_area] = self._points.nearest(latitudes[of_area], longitudes[of_area], members)
        rest = np.flatnonzero(shares < 0)
        shares[rest] = self._points.nearest(latitudes[rest], longitudes[rest])
        found = self._ids[shares]
        if self._outline is not None:
            found[~shapely.covers(self._outline, points)] = OUTSIDE
        return found


class _Points:
    """Points on the globe and the nearest of them."""

    def __init__(self, latitudes: Sequence[float], longitudes: Sequence[float]) -> None:
        self._latitudes = np.array(latitudes, dtype=float)
        self._longitudes = np.array(longitudes, dtype=float)
        self.shapes = shapely.points(self._longitudes, self._latitudes)
        around = np.exp(1j * np.radians(self._longitudes)).sum()
        self._middle = float(np.degrees(np.angle(around)))

    def nearest(self, latitudes: Any, longitudes: Any, among: Any = None) -> Any:
        """Indices of the nearest points (of those with the indices ``among``)."""
        of = np.arange(len(self._latitudes)) if among is None else among
        result = np.empty(len(latitudes), dtype=np.int64)
        bands = np.floor(latitudes / BAND_DEGREES)
        for band in np.unique(bands):
            here = bands == band
            squeeze = np.cos(np.radians((band + 0.5) * BAND_DEGREES))
            tree = shapely.STRtree(shapely.points(self._unwrapped(self._longitudes[of]) * squeeze, self._latitudes[of]))
            asked = shapely.points(self._unwrapped(longitudes[here]) * squeeze, latitudes[here])
            # Of equally near ones the first, as the caller ordered them.
            which, found = tree.query_nearest(asked, all_matches=True)
            first = np.full(len(asked), len(of), dtype=np.int64)
            np.minimum.at(first, which, found)
            result[here] = of[first]
        return result

    def _unwrapped(self, longitudes: Any) -> Any:
        """Those beyond 180 degrees go on: Fiji's, Russia's, the Aleutians'."""
        east = longitudes - self._middle
        return longitudes - np.where(east > 180, 360.0, 0.0) + np.where(east < -180, 360.0, 0.0)
