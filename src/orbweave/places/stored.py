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
from orbweave.locations import FIRST_POSTCODE, Location, load
from orbweave.maps import Circle, Dataset, Feature, NoSource, Origin, Place, Wanted, osm
from orbweave.maps.cut import Borders, Cut
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
        self._homeless: dict[str, tuple[int, list[tuple[int, int]]]] = {}
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
        by = await self._by(wanted)
        now = datetime.now(UTC)
        try:
            for numbers in await self._numbers(of, wanted):
                async for row in store.read(self._db, of.set_id, numbers=numbers, **by):
                    if row["expires_at"] and row["expires_at"] <= now:
                        continue
                    tags = {**row["tags"], **row["merged"]["tags"]} if row["merged"] else row["tags"]
                    if wanted.understanding.matches(tags):
                        place = _place(row, tags, of, _home(wanted.country, row), wanted.understanding.lang)
                        if wanted.covers(place):
                            yield place
        except asyncpg.UndefinedTableError:
            raise Unavailable(f"The places of {wanted.country} were imported anew meanwhile; ask again.") from None

    async def _numbers(self, of: PlaceSet, wanted: Wanted) -> list[tuple[int, int]]:
        """First and last numbers of where to look."""
        if wanted.circle or not wanted.location:
            return [(1, store.LAST)]
        share = await store.share(self._db.pool, of.set_id, wanted.location.location_id)
        own = [share] if share else []
        if wanted.location.location_id >= FIRST_POSTCODE:
            return own
        return own + await self._without_home(of)

    async def _without_home(self, of: PlaceSet) -> list[tuple[int, int]]:
        """Shares of locations that the gazetteer had at the time of the import and has no more."""
        known = self._homeless.get(of.country_code)
        if known is None or known[0] != of.set_id:
            cities = _cities(of.country_code)
            shares = await store.shares(self._db.pool, of.set_id)
            known = of.set_id, [share for location_id, share in shares.items() if location_id not in cities]
            self._homeless[of.country_code] = known
        return known[1]

    async def _by(self, wanted: Wanted) -> dict[str, Any]:
        """The index to read by."""
        meaning = wanted.understanding.best
        if wanted.circle:
            return {"box": _box(wanted.circle)}
        kinds = [_kind(tags) for tags in meaning.tags]
        if kinds and all(kinds):
            return {"kinds": await store.kind_ids(self._db.pool, [kind for kind in kinds if kind])}
        if meaning.name and not kinds:
            brands = await store.kind_ids(self._db.pool, [f"brand:wikidata={brand}" for brand in meaning.brands])
            return {"name": meaning.name, "kinds": brands}
        return {}


@lru_cache(maxsize=8)
def _cities(country: str) -> dict[int, Location]:
    return {city.location_id: city for city in load(country)}


@lru_cache(maxsize=8)
def _cut(country: str) -> Cut:
    return Cut(Borders(country))


def _home(country: str, row: asyncpg.Record) -> Location:
    """Where it belongs; of a location that is no more, the nearest there is now."""
    cities = _cities(country)
    if row["location_id"] in cities:
        return cities[row["location_id"]]
    nearest = _cut(country).share(store.degrees(row["latitude"]), store.degrees(row["longitude"]))
    return cities[nearest or row["location_id"]]


def _kind(tags: Mapping[str, str]) -> str | None:
    """The kind all places with these tags have."""
    return next(iter(sorted(kinds_of(tags))), None)


def _box(circle: Circle) -> Box:
    """Round the globe where the circle reaches across a pole or 180 degrees."""
    north = circle.radius_m / METRES_A_DEGREE
    south, top = max(-90.0, circle.latitude - north), min(90.0, circle.latitude + north)
    east = north / max(1e-9, cos(radians(max(-south, top))))
    west, right = circle.longitude - east, circle.longitude + east
    return Box(west, south, right, top) if west >= -180 and right <= 180 else Box(-180.0, south, 180.0, top)


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
