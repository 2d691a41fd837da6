"""The gazetteer in the database: loaded once from the package, searched with SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import asyncpg

from orbweave.locations import Location, aliases, countries, fold, load
from orbweave.locations.gazetteer import ARCHIVE
from orbweave.store.database import Database
from orbweave.store.sql import sql

if TYPE_CHECKING:
    import shapely

COLUMNS = (
    "location_id", "country_code", "country_name", "name", "admin_region", "latitude", "longitude", "population",
    "location_type", "parent_city", "needs_postcodes", "parent_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """Which locations of a country; None is no condition. All are cities, unless ``location_ids`` says otherwise or
    ``parent_id`` asks for the postcodes of one. ``bbox`` is (west, south, east, north) in degrees, west > east when it
    crosses 180 degrees; ``area`` a (multi)polygon. ``include_postcodes``: a city that has postcodes is replaced by
    them."""

    min_population: int | None = None
    max_population: int | None = None
    regions: Sequence[str] | None = None
    location_ids: Sequence[int] | None = None
    bbox: tuple[float, float, float, float] | None = None
    area: shapely.Geometry | None = None
    parent_id: int | None = None
    include_postcodes: bool = False


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
    postcodes: int


async def load_gazetteer(conn: asyncpg.Connection, countries: Sequence[str] | None = None) -> bool:
    """Fill ``locations`` from the package when its data is not the loaded one. ``countries`` limits it, for tests."""
    version = sha256(ARCHIVE.read_bytes() + repr(countries).encode()).hexdigest()
    if await conn.fetchval("select version from gazetteer") == version:
        return False
    async with conn.transaction():
        await conn.execute("delete from locations where location_type = 'city'")
        await _copy(conn, _packaged(countries))
        await conn.execute(sql("locations/mark_cities"), None)
        await conn.execute(
            "insert into gazetteer (version) values ($1)"
            " on conflict (only_row) do update set version = excluded.version, loaded_at = now()",
            version,
        )
    await conn.execute("analyze locations")
    return True


def _packaged(codes: Sequence[str] | None) -> Iterator[tuple[Location, list[str]]]:
    for code in sorted(countries()) if codes is None else codes:
        others = aliases(code)
        for place in load(code):
            yield place, [fold(place.name), *others.get(place.location_id, ())]


async def _copy(conn: asyncpg.Connection, named: Iterable[tuple[Location, list[str]]]) -> None:
    """With their names, folded."""
    await conn.copy_records_to_table(
        "locations",
        columns=(*COLUMNS, "names"),
        records=(
            (*(getattr(place, column) for column in COLUMNS), "\n".join(filter(None, names))) for place, names in named
        ),
    )


async def replace_postcodes(conn: asyncpg.Connection, country_code: str, postcodes: Sequence[Location]) -> None:
    """These are the country's postcodes from now on; their cities are marked. Within the caller's transaction."""
    await conn.execute("delete from locations where country_code = $1 and location_type = 'postcode'", country_code)
    await _copy(conn, ((one, [fold(one.name), fold(one.parent_city or "")]) for one in postcodes))
    await conn.execute(sql("locations/mark_cities"), country_code)


def _location(row: asyncpg.Record) -> Location:
    return Location(*(row[column] for column in COLUMNS))


async def get(conn: Any, location_id: int) -> Location | None:
    row = await conn.fetchrow("select * from locations where location_id = $1", location_id)
    return _location(row) if row else None


async def matching(conn: Any, country_code: str, condition: Condition, *, limit: int) -> list[Location]:
    """Locations of the country in dispatch order (population descending, then id), at most ``limit``."""
    if condition.area is not None:
        inside = await _within(conn, country_code, condition.area)
        condition = replace(condition, area=None, location_ids=inside)
    rows = await conn.fetch(
        sql("locations/matching"),
        country_code,
        condition.min_population,
        condition.max_population,
        None if condition.regions is None else [region.lower() for region in condition.regions],
        condition.location_ids,
        condition.bbox,
        condition.parent_id,
        condition.include_postcodes,
        limit,
    )
    return [_location(row) for row in rows]


async def _within(conn: Any, country_code: str, area: shapely.Geometry) -> list[int]:
    rows = await conn.fetch(
        "select location_id, longitude, latitude from locations where country_code = $1 and location_type = 'city'",
        country_code,
    )
    return await asyncio.to_thread(_covered, area, rows)


def _covered(area: shapely.Geometry, rows: Sequence[asyncpg.Record]) -> list[int]:
    import shapely

    shapely.prepare(area)
    points = shapely.points([(row["longitude"], row["latitude"]) for row in rows]) if rows else []
    return [row["location_id"] for row, inside in zip(rows, shapely.covers(area, points), strict=True) if inside]


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
    """(how many match, one page of them), largest first. ``search``: the beginnings of words of a name, any order."""
    words = None
    if search is not None:
        words = " & ".join(f"'{word}':*" for word in fold(search).split())  # folded: neither quote nor backslash
        if not words:
            return 0, []
    filters = (
        country_code.upper() if country_code else None, location_type, parent_city, admin_region, min_population,
        max_population, words,
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
