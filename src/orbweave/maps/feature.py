"""What every source boils down to before it is a Place: an identity, a point, and tags in OpenStreetMap's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Dataset:
    """Where features come from. ``version``: the date of the data (ISO 8601), None when the source does not say.
    ``attribution`` is shown wherever its places are."""

    source: str
    license: str
    attribution: str
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """``id`` is unique among all sources (``osm:n123``, ``overture:08f2…``). ``tags`` are OpenStreetMap's, whatever
    the source, so that one dictionary and one reader serve all. ``license`` where records of one source differ.
    ``expires_at``: when the source's terms want it deleted."""

    id: str
    latitude: float
    longitude: float
    tags: Mapping[str, str] = field(default_factory=dict)
    license: str | None = None
    expires_at: datetime | None = None

    @property
    def is_on_earth(self) -> bool:
        """Whether its position is one."""
        return -90 <= self.latitude <= 90 and -180 <= self.longitude <= 180
