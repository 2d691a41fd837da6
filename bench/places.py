"""Imported places: an import against a bare read of the file, a look-up in millions against one in thousands and
against DuckDB on the same rows, and a country's stream in flat memory."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from itertools import accumulate
from pathlib import Path
from statistics import median

import duckdb
import osmium

from bench.harness import Ratio, Scale, database, in_turn, server
from bench.site.job import peak_memory
from orbweave import locations
from orbweave.maps import Dataset, Feature, Wanted, packaged, understand
from orbweave.maps.sources.openstreetmap import Extract
from orbweave.places.importing import Reading, import_places, of_extract
from orbweave.places.stored import StoredSource
from orbweave.store import places as store
from orbweave.store.database import Database

EXTRACTS = Path(__file__).parents[1] / "tests" / "maps" / "extracts"
SMALL, LARGE = "AT", "DE"
LOOKUPS = 200
QUERIES = ("restaurants", "hotels", "pharmacy", "hairdresser", "supermarket", "bank", "bar", "cafe")
SPREAD = 0.02  # degrees round the middle of a location

Asked = tuple[int, str]
"""Location and kind."""


async def bench(scale: Scale) -> AsyncIterator[Ratio]:
    async with server() as running, database(running) as db:
        for name in ("andorra", "liechtenstein"):
            yield await imports(db, EXTRACTS / f"{name}.osm.pbf", scale)
        many = scale.rows(5_000_000)
        for country, count in ((SMALL, 50_000), (LARGE, many)):
            began = time.perf_counter()
            await import_places(db, synthetic(country, count), country=country)
            rate = count / (time.perf_counter() - began)
        yield Ratio("places imported a second", rate, detail=f"{many:,} synthetic places of {LARGE}")
        async for ratio in lookups(db, many, scale):
            yield ratio
        async for ratio in streams(db, many):
            yield ratio


async def imports(db: Database, path: Path, scale: Scale) -> Ratio:
    async def ours() -> float:
        began = time.perf_counter()
        await import_places(db, of_extract(Extract(path)))
        return time.perf_counter() - began

    async def bare() -> float:
        began = time.perf_counter()
        sum(1 for _ in osmium.FileProcessor(str(path)).with_areas())
        return time.perf_counter() - began

    imported, read = await in_turn(scale.rounds(5), ours, bare)
    detail = f"{imported:.2f} s / {read:.2f} s, {path.name}"
    return Ratio("import of an extract / bare read of it with areas", imported / read, 2.0, at_most=True, detail=detail)


def synthetic(country: str, count: int) -> Reading:
    """Tags of the packaged places, spread over the country's locations by their people."""
    # A phone or page that thousands share would be compared thousands of times: no real one is.
    contacts = ("phone", "contact:", "mobile", "website", "url", "email")
    real = [
        {key: value for key, value in record.tags.items() if not key.startswith(contacts)}
        for code in sorted(packaged.countries())
        for record in packaged.extract(code).records
    ]
    cities = locations.load(country)
    weights = list(accumulate(max(city.population, 500) for city in cities))

    def features() -> Iterator[Feature]:
        chance = random.Random(1)
        for number in range(count):
            (city,) = chance.choices(cities, cum_weights=weights)
            north, east = chance.uniform(-SPREAD, SPREAD), chance.uniform(-SPREAD, SPREAD)
            tags = {**chance.choice(real), "name": f"{number:x} & Co", "phone": f"+49 {number:010}"}
            yield Feature(f"osm:n{number}", city.latitude + north, city.longitude + east, tags)

    return Reading(Dataset("openstreetmap", "ODbL-1.0", "nobody", None), "synthetic", features)


async def lookups(db: Database, many: int, scale: Scale) -> AsyncIterator[Ratio]:
    small, large = [_asked(country) for country in (SMALL, LARGE)]
    with tempfile.TemporaryDirectory(prefix="orbweave-bench-") as folder:
        parquet = await _parquet(db, Path(folder))

        async def ours(country: str, asked: list[Asked]) -> float:
            (of,) = await store.current(db.pool, country)
            times = []
            for location_id, kind in asked:
                began = time.perf_counter()
                share = await store.share(db.pool, of.set_id, location_id)
                ids = await store.kind_ids(db.pool, [kind])
                if share:
                    _ = [row async for row in store.read(db, of.set_id, kinds=ids, numbers=share)]
                times.append(time.perf_counter() - began)
            return median(times)

        async def theirs() -> float:
            with duckdb.connect() as connection:
                times = []
                for location_id, kind in large[:50]:
                    began = time.perf_counter()
                    connection.execute(
                        "select * from read_parquet(?) where location_id = ? and kind = ?",
                        [str(parquet), location_id, kind],
                    ).fetchall()
                    times.append(time.perf_counter() - began)
                return median(times)

        few, lots, duck = await in_turn(scale.rounds(5), lambda: ours(SMALL, small), lambda: ours(LARGE, large), theirs)
    detail = f"{lots * 1e3:.2f} ms / {few * 1e3:.2f} ms, median of {LOOKUPS} (location, kind)"
    yield Ratio(f"look-up in {many:,} places / in 50,000", lots / few, 3.0, at_most=True, detail=detail)
    detail = f"{duck * 1e3:.1f} ms / {lots * 1e3:.2f} ms, {many:,} places"
    yield Ratio("DuckDB on the same rows as Parquet / look-up", duck / lots, 10.0, detail=detail)


def _asked(country: str) -> list[Asked]:
    chance = random.Random(2)
    cities = locations.load(country)
    weights = [max(city.population, 500) for city in cities]
    kinds = ["=".join(next(iter(understand(query).tags[0].items()))) for query in QUERIES]
    return [(city.location_id, chance.choice(kinds)) for city in chance.choices(cities, weights, k=LOOKUPS)]


async def _parquet(db: Database, folder: Path) -> Path:
    """The large country's rows, sorted by location as ours are."""
    (of,) = await store.current(db.pool, LARGE)
    table = folder / "places.csv"
    async with db.pool.acquire() as conn:
        await conn.copy_from_query(
            f"""
            select location_id, known.kind, latitude, longitude, id, tags, names
            from places_{of.set_id} as p join place_kinds_{of.set_id} as k using (place)
            join place_kinds_known as known on known.kind_id = k.kind order by place
            """,
            output=str(table),
            format="csv",
        )
    columns = {
        "location_id": "bigint", "kind": "varchar", "latitude": "integer", "longitude": "integer", "id": "varchar",
        "tags": "varchar", "names": "varchar",
    }  # fmt: skip
    with duckdb.connect() as connection:
        target = folder / "places.parquet"
        connection.execute(
            f"copy (select * from read_csv('{table}', header = false, columns = {columns}))"
            f" to '{target}' (format parquet)"
        )
    table.unlink()
    return target


async def streams(db: Database, many: int) -> AsyncIterator[Ratio]:
    few, all_of_it = await _streamed(db, SMALL), await _streamed(db, LARGE)
    first, whole = all_of_it["first"], all_of_it["all"]
    detail = f"{first * 1e3:.0f} ms of {whole:.1f} s, {all_of_it['places']:,} restaurants of {many:,} places"
    yield Ratio("first place of a country / all of them", first / whole, 0.1, at_most=True, detail=detail)
    peak, small = all_of_it["peak"], few["peak"]
    detail = f"{peak:.0f} / {small:.0f} MB, {all_of_it['places']:,} / {few['places']:,} places"
    yield Ratio("peak memory of that stream / of a small one", peak / small, 1.5, at_most=True, detail=detail)


async def _streamed(db: Database, country: str) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.places", db.dsn, country, stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await process.communicate()
    found: dict[str, float] = json.loads(answer)
    return found


async def _stream(dsn: str, country: str) -> None:
    """In a process of its own, whose peak memory is of nothing else."""
    async with await Database.connect(dsn) as db:
        began, first, count = time.perf_counter(), 0.0, 0
        async for _ in StoredSource(db).places(Wanted(country, understand("restaurants"))):
            count += 1
            first = first or time.perf_counter() - began
    ended = {"first": first, "all": time.perf_counter() - began, "places": count, "peak": peak_memory()}
    print(json.dumps(ended))


if __name__ == "__main__":
    asyncio.run(_stream(*sys.argv[1:]))
