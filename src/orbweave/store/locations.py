"""The gazetteer in the database: loaded once from the package, searched with SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import asyncpg

from orbweave.locations import Location, load, load_all
from orbweave.locations.gazetteer import ARCHIVE
from orbweave.store.database import Database
from orbweave.store.sql import sql

COLUMNS = (
    "location_id", "country_code", "country_name", "name", "admin_region", "latitude", "longitude", "population",
    "location_type", "parent_city", "needs_postcodes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """Which locations of a country; None is no condition. ``bbox`` is (west, south, east, north) in degrees."""

    min_population: int | None = None
    max_population: int | None = None
    regions: Sequence[str] | None = None
    location_ids: Sequence[int] | None = None
    bbox: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Country:
    country_code: str
    country_name: str
    locations: int
    population: int


@dataclass(frozen=True, slots=True)
class Region:
    admin_region: str
    locations: int
    population: int


@dataclass(frozen=True, slots=True)
class Stats:
    total: int
    countries: int
    population: int
    cities: int


async def load_gazetteer(conn: asyncpg.Connection, countries: Sequence[str] | None = None) -> bool:
    """Fill ``locations`` from the package when its data is not the loaded one. ``countries`` limits it, for tests."""
    version = sha256(ARCHIVE.read_bytes() + repr(countries).encode()).hexdigest()
    if await conn.fetchval("select version from gazetteer") == version:
        return False
    places = load_all() if countries is None else (place for code in countries for place in load(code))
    async with conn.transaction():
        await conn.execute("truncate locations")
        await conn.copy_records_to_table(
            "locations",
            columns=COLUMNS,
            records=(tuple(getattr(place, column) for column in COLUMNS) for place in places),
        )
        await conn.execute(
            "insert into gazetteer (version) values ($1)"
            " on conflict (only_row) do update set version = excluded.version, loaded_at = now()",
            version,
        )
    await conn.execute("analyze locations")
    return True


def _location(row: asyncpg.Record) -> Location:
    return Location(*(row[column] for column in COLUMNS))


async def matching(conn: Any, country_code: str, condition: Condition, *, limit: int) -> list[Location]:
    """Locations of the country in dispatch order (population descending, then id), at most ``limit``."""
    rows = await conn.fetch(
        sql("locations/matching"),
        country_code,
        condition.min_population,
        condition.max_population,
        None if condition.regions is None else [region.lower() for region in condition.regions],
        condition.location_ids,
        condition.bbox,
        limit,
    )
    return [_location(row) for row in rows]


async def search_locations(
    db: Database,
    *,
    country_code: str | None = None,
    location_type: str | None = None,
    parent_city: str | None = None,
    admin_region: str | None = None,
    min_population: int | None = None,
    max_population: int | None = None,
    search: str | None = None,
    page: int = 1,
    page_size: int = 50,
) -> tuple[int, list[Location]]:
    """(how many match, one page of them), largest first."""
    pattern = None
    if search:
        escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = f"%{escaped}%"
    filters = (
        country_code.upper() if country_code else None, location_type, parent_city, admin_region, min_population,
        max_population, pattern,
    )  # fmt: skip
    rows = await db.pool.fetch(sql("locations/search"), *filters, page_size, (page - 1) * page_size)
    if rows or page == 1:
        return (rows[0]["total"] if rows else 0), [_location(row) for row in rows]
    first = await db.pool.fetchrow(sql("locations/search"), *filters, 1, 0)
    return (first["total"] if first else 0), []


async def country_list(db: Database) -> list[Country]:
    return [Country(**dict(row)) for row in await db.pool.fetch(sql("locations/countries"))]


async def regions(db: Database, country_code: str) -> list[Region]:
    return [Region(**dict(row)) for row in await db.pool.fetch(sql("locations/regions"), country_code.upper())]


async def stats(db: Database, country_code: str | None = None) -> Stats:
    row = await db.pool.fetchrow(sql("locations/stats"), country_code.upper() if country_code else None)
    return Stats(**dict(row))
