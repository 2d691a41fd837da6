"""What was imported, as a source of places."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from math import cos, radians
from typing import Any

import asyncpg

from orbweave.errors import Unavailable
from orbweave.locations import Location, load
from orbweave.maps import Circle, Dataset, Feature, NoSource, Origin, Place, Wanted, osm
from orbweave.places.importing import kinds_of
from orbweave.store import locations
from orbweave.store import places as store
from orbweave.store.database import Database
from orbweave.store.places import Box, PlaceSet

METRES_A_DEGREE = 110_574.0  # of latitude, at the equator, where it is shortest


class StoredSource:
    name = "imported"
    is_local = True

    def __init__(self, db: Database) -> None:
        self._db = db
        self.attribution = osm.ATTRIBUTION

    async def countries(self) -> frozenset[str]:
        found = await store.current(self._db.pool)
        if credits := dict.fromkeys(one.attribution for each in found for one in each.datasets):
            self.attribution = "; ".join(credits)
        return frozenset(each.country_code for each in found)

    async def district(self, location_id: int) -> Location | None:
        return await locations.get(self._db.pool, location_id)

    async def places(self, wanted: Wanted) -> AsyncIterator[Place]:
        found = await store.current(self._db.pool, wanted.country)
        if not found:
            raise NoSource(self.name, wanted.country, await self.countries())
        (of,) = found
        numbers = (1, store.LAST)
        if wanted.location and not wanted.circle:
            share = await store.share(self._db.pool, of.set_id, wanted.location.location_id)
            if share is None:
                return
            numbers = share
        cities = _cities(wanted.country)
        now = datetime.now(UTC)
        try:
            async for row in store.read(self._db, of.set_id, numbers=numbers, **await self._by(wanted)):
                if row["expires_at"] and row["expires_at"] <= now:
                    continue
                tags = {**row["tags"], **row["merged"]["tags"]} if row["merged"] else row["tags"]
                if wanted.understanding.matches(tags):
                    place = _place(row, tags, of, cities[row["location_id"]], wanted.understanding.lang)
                    if wanted.covers(place):
                        yield place
        except asyncpg.UndefinedTableError:
            raise Unavailable(f"The places of {wanted.country} were imported anew meanwhile; ask again.") from None

    async def _by(self, wanted: Wanted) -> dict[str, Any]:
        """The index to read by."""
        meaning = wanted.understanding.best
        if wanted.circle:
            return {"box": _box(wanted.circle)}
        kinds = [_kind(tags) for tags in meaning.tags]
        if kinds and all(kinds):
            return {"kinds": await store.kind_ids(self._db.pool, [kind for kind in kinds if kind])}
        if meaning.name and not meaning.brands:
            return {"name": meaning.name}
        return {}


@lru_cache(maxsize=8)
def _cities(country: str) -> dict[int, Location]:
    return {city.location_id: city for city in load(country)}


def _kind(tags: Mapping[str, str]) -> str | None:
    """The kind all places with these tags have."""
    return next(iter(sorted(kinds_of(tags))), None)


def _box(circle: Circle) -> Box:
    north = circle.radius_m / METRES_A_DEGREE
    widest = max(0.01, cos(radians(min(89.0, abs(circle.latitude) + north))))
    east = north / widest
    return Box(
        max(-180.0, circle.longitude - east),
        max(-90.0, circle.latitude - north),
        min(180.0, circle.longitude + east),
        min(90.0, circle.latitude + north),
    )


def _place(row: asyncpg.Record, tags: dict[str, str], of: PlaceSet, city: Location, lang: str | None) -> Place:
    made = of.datasets[row["dataset"]]
    feature = Feature(
        row["id"],
        store.degrees(row["latitude"]),
        store.degrees(row["longitude"]),
        tags,
        row["license"],
        row["expires_at"],
    )
    dataset = Dataset(made.source, made.license, made.attribution, made.version)
    origins = tuple(Origin(*origin) for origin in row["merged"]["origins"]) if row["merged"] else ()
    place = osm.place(feature, city, dataset, lang=lang, origins=origins, district_id=row["district_id"])
    if not origins:
        return place
    sources = {origin.source for origin in place.origins}
    return replace(place, attribution="; ".join(one.attribution for one in of.datasets if one.source in sources))
