"""OpenStreetMap extracts (.osm.pbf): businesses as features, with the borders that say whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium
import shapely

from orbweave.errors import InvalidInput
from orbweave.maps.cut import Borders, municipality_level
from orbweave.maps.feature import Dataset, Feature
from orbweave.maps.osm import ATTRIBUTION, FEATURE_KEYS, LICENSE, is_business

SOURCE = "openstreetmap"


class Extract:
    """One file. ``features()`` is read once, to its end; ``borders()`` are known after it.

    Nodes, closed ways and multipolygons; a building or an area stands where its centroid is. Raises InvalidInput for a
    file that is none, or is cut off.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        keys = osmium.filter.KeyFilter(*FEATURE_KEYS, "boundary")
        try:
            self._objects = osmium.FileProcessor(str(path)).with_areas(keys).with_filter(keys)
            header = self._objects.header
        except (RuntimeError, OSError) as error:
            raise self._broken(error) from None
        version = header.get("osmosis_replication_timestamp") or None
        self.dataset = Dataset(SOURCE, LICENSE, ATTRIBUTION, version)
        self.updates_from = header.get("osmosis_replication_base_url") or None
        self.sequence = int(header.get("osmosis_replication_sequence_number") or 0) or None
        self._outlines: dict[str, Any] = {}
        self._areas: dict[int, list[Any]] = {}

    def features(self) -> Iterator[Feature]:
        try:
            for thing in self._objects:
                tags = {tag.k: tag.v for tag in thing.tags}
                if isinstance(thing, osmium.osm.Area):
                    if tags.get("boundary") == "administrative":
                        self._keep_border(tags, thing)
                    if is_business(tags):
                        kind = "w" if thing.from_way() else "r"
                        point = _shape(thing).centroid
                        yield Feature(f"osm:{kind}{thing.orig_id()}", round(point.y, 7), round(point.x, 7), tags)
                elif isinstance(thing, osmium.osm.Node) and is_business(tags):
                    yield Feature(f"osm:n{thing.id}", thing.lat, thing.lon, tags)
        except RuntimeError as error:
            raise self._broken(error) from None

    def borders(self) -> list[Borders]:
        """Of every country whose border the file holds whole."""
        return [
            Borders(code, outline, self._areas.get(municipality_level(code), []))
            for code, outline in sorted(self._outlines.items())
        ]

    def _keep_border(self, tags: dict[str, str], thing: osmium.osm.Area) -> None:
        level = tags.get("admin_level", "")
        if level == "2" and "ISO3166-1" in tags:
            self._outlines[tags["ISO3166-1"].upper()] = _shape(thing)
        elif level.isdecimal() and "name" in tags:
            self._areas.setdefault(int(level), []).append(_shape(thing))

    def _broken(self, error: Exception) -> InvalidInput:
        if not self.path.is_file():
            return InvalidInput(f"There is no file {self.path}.", field="extract")
        return InvalidInput(
            f"{self.path} cannot be read as an OpenStreetMap extract ({error}); it must be a whole .osm.pbf file:"
            " fetch it again.",
            field="extract",
        )


_WKB = osmium.geom.WKBFactory()


def _shape(area: osmium.osm.Area) -> Any:
    return shapely.from_wkb(bytes.fromhex(_WKB.create_multipolygon(area)))
