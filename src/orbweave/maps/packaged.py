"""The businesses packaged with Orbweave, as records of the extracts they come from."""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from orbweave.locations import fold
from orbweave.maps.feature import Dataset, Feature
from orbweave.maps.osm import NAME_KEYS

if TYPE_CHECKING:
    import shapely

DATA = files("orbweave.maps") / "data" / "places"
SUFFIX = ".jsonl.xz"


@dataclass(frozen=True, slots=True)
class Record:
    """``also``: ids of the other objects that are this business."""

    feature: Feature
    location_id: int
    also: tuple[str, ...] = ()

    @property
    def tags(self) -> Mapping[str, str]:
        return self.feature.tags


@dataclass(frozen=True, slots=True)
class Extract:
    """``header``: country, source, license, attribution, data_date, places, outline."""

    header: Mapping[str, Any]
    records: tuple[Record, ...]

    @property
    def dataset(self) -> Dataset:
        header = self.header
        return Dataset(header["source"], header["license"], header["attribution"], header["data_date"])


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    return frozenset(file.name.removesuffix(SUFFIX) for file in DATA.iterdir() if file.name.endswith(SUFFIX))


@lru_cache(maxsize=8)
def extract(country: str) -> Extract:
    text = lzma.decompress((DATA / f"{country}{SUFFIX}").read_bytes()).decode()
    header, *lines = map(json.loads, text.split("\n"))
    records = (
        Record(
            Feature(f"osm:{line['id']}", line["lat"], line["lon"], line["tags"]),
            line["location"],
            tuple(f"osm:{id}" for id in line.get("also", ())),
        )
        for line in lines
    )
    return Extract(header, tuple(records))


def outline(country: str) -> shapely.MultiPolygon | None:
    """The border of a packaged country, as its extract has it, in degrees, longitude first."""
    import shapely

    if country not in countries():
        return None
    polygons = extract(country).header["outline"]
    return shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in polygons])


def names_of(tags: Mapping[str, str]) -> set[str]:
    """The folded names an object is known by."""
    held = (value for key, value in tags.items() if key in NAME_KEYS or key.startswith("name:") or key == "alt_name")
    return {folded for value in held for part in value.split(";") if (folded := fold(part))}


@lru_cache(maxsize=1)
def _all_names() -> str:
    records = (record for country in sorted(countries()) for record in extract(country).records)
    return "\n".join(f" {name} " for record in records for name in sorted(names_of(record.tags)))


def is_name(phrase: str) -> bool:
    """Whether a packaged business has exactly this (folded) name."""
    return f"\n {phrase} \n" in f"\n{_all_names()}\n"


def is_in_name(phrase: str) -> bool:
    """Whether these (folded) words stand together in the name of a packaged business."""
    return f" {phrase} " in _all_names()
