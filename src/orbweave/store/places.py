"""Imported places: sets of a country, built beside each other and swapped (migrations/0004_places.sql)."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import orjson
import structlog

from orbweave.locations import FIRST_POSTCODE, Location
from orbweave.store.connect import connect
from orbweave.store.database import Database, prepare
from orbweave.store.locations import replace_postcodes
from orbweave.store.sql import sql

log = structlog.get_logger()

LOCK = 0x0EB3_51A7  # an importer holds (LOCK, set id)
COUNTRY_LOCK = 0x0EB3_51A8  # and (COUNTRY_LOCK, hash of the country)
LAST = 2**31 - 1
KEPT = timedelta(hours=1)
"""How long a replaced set stays for those who are reading it."""

PLACE_COLUMNS = (
    "place", "location_id", "district_id", "latitude", "longitude", "dataset", "id", "tags", "names", "license",
    "expires_at", "same_as", "merged",
)  # fmt: skip
_DEGREE = 10_000_000


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """One source of a set. ``dropped``: field -> how many values were no good."""

    dataset: int
    source: str
    license: str
    attribution: str
    version: str | None
    origin: str
    updates: dict[str, Any] | None
    places: int
    dropped: dict[str, int]
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class PlaceSet:
    """The current places of a country. ``duplicates``: records that were found to be of another's business."""

    set_id: int
    country_code: str
    places: int
    duplicates: int
    created_at: datetime
    datasets: tuple[StoredDataset, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """In degrees."""

    west: float
    south: float
    east: float
    north: float


def degrees(stored: int) -> float:
    return stored / _DEGREE


def stored_degrees(value: float) -> int:
    return round(value * _DEGREE)


async def current(conn: Any, country_code: str | None = None) -> list[PlaceSet]:
    """What there is, by country. ``conn``: a connection or the pool."""
    rows = await conn.fetch(sql("places/current"), country_code)
    return [
        PlaceSet(
            row["set_id"],
            row["country_code"],
            row["places"],
            row["duplicates"],
            row["created_at"],
            tuple(_dataset(one) for one in row["datasets"] or ()),
        )
        for row in rows
    ]


def _dataset(row: Mapping[str, Any]) -> StoredDataset:
    facts = {name: value for name, value in row.items() if name != "set_id"}
    return StoredDataset(**{**facts, "imported_at": datetime.fromisoformat(row["imported_at"])})


async def kind_ids(conn: Any, kinds: Iterable[str]) -> list[int]:
    return [row["kind_id"] for row in await conn.fetch(sql("places/kinds"), list(kinds))]


async def share(conn: Any, set_id: int, location_id: int) -> tuple[int, int] | None:
    """The first and last number of a location's places."""
    row = await conn.fetchrow(sql("places/share"), set_id, location_id)
    return (row["first"], row["last"]) if row else None


async def shares(conn: Any, set_id: int) -> dict[int, tuple[int, int]]:
    """Location id -> first and last number, of all cities."""
    rows = await conn.fetch(sql("places/shares"), set_id, FIRST_POSTCODE)
    return {row["location_id"]: (row["first"], row["last"]) for row in rows}


async def read(
    db: Database,
    set_id: int,
    *,
    kinds: Sequence[int] | None = None,
    name: str | None = None,
    box: Box | None = None,
    numbers: tuple[int, int] = (1, LAST),
    batch: int = 500,
) -> AsyncIterator[asyncpg.Record]:
    """Rows by number, a batch at a time and each in a transaction of its own: of some kinds, or with a folded name
    (or else of those kinds), or in a box, or all."""
    if name is not None:
        found = await db.pool.fetchval(of_set("places/named", set_id), *numbers, name, kinds or ())
    elif box is not None:
        sides = map(stored_degrees, (box.west, box.south, box.east, box.north))
        found = await db.pool.fetchval(of_set("places/in_box", set_id), *numbers, *sides)
    else:
        async for row in _pages(db, set_id, kinds, numbers, batch):
            yield row
        return
    for start in range(0, len(found or ()), 4 * batch):
        for row in await db.pool.fetch(of_set("places/numbered", set_id), found[start : start + 4 * batch]):
            yield row


async def _pages(
    db: Database, set_id: int, kinds: Sequence[int] | None, numbers: tuple[int, int], batch: int
) -> AsyncIterator[asyncpg.Record]:
    more = () if kinds is None else (kinds,)
    text = of_set("places/all" if kinds is None else "places/of_kinds", set_id)
    first, last = numbers
    while True:
        rows = await db.pool.fetch(text, first, last, batch, *more)
        for row in rows:
            yield row
        if len(rows) < batch:
            return
        first = rows[-1]["place"] + 1
        batch = min(2 * batch, 4000)


def of_set(query: str, set_id: int) -> str:
    """The text of a query on the tables of one set."""
    return sql(query).replace("{set}", str(int(set_id)))


async def read_others(conn: asyncpg.Connection[Any], set_id: int, source: str) -> AsyncIterator[asyncpg.Record]:
    """The records of every source but that one."""
    async with conn.transaction():
        async for row in conn.cursor(of_set("places/of_dataset_not", set_id), source, prefetch=1000):
            yield row


async def borders(conn: Any, country_code: str) -> bytes | None:
    found: bytes | None = await conn.fetchval(
        "select borders from place_sets where country_code = $1 and state = 'current'", country_code
    )
    return found


@contextlib.asynccontextmanager
async def importer(dsn: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A connection for building sets: ``jsonb`` goes in as JSON text in bytes, and comes out as values."""
    async with connect(dsn) as conn:
        await prepare(conn)
        await conn.set_type_codec(
            "jsonb",
            schema="pg_catalog",
            format="binary",
            encoder=lambda raw: b"\x01" + raw,
            decoder=lambda raw: orjson.loads(raw[1:]),
        )
        yield conn


async def stats(conn: Any, of: PlaceSet, top: int) -> dict[str, Any]:
    """Of the places that are found, not of all records: how many have what, the ``top`` kinds and locations."""
    reach = await conn.fetchrow(of_set("places/reach", of.set_id))
    kinds = await conn.fetch(of_set("places/top_kinds", of.set_id), top)
    shares = await conn.fetch(sql("places/top_shares"), of.set_id, top)
    size = await conn.fetchval(
        "select pg_total_relation_size($1::regclass) + pg_total_relation_size($2::regclass)",
        f"places_{of.set_id}",
        f"place_kinds_{of.set_id}",
    )
    return {
        "country": of.country_code,
        "places": of.places,
        "bytes": size,
        **dict(reach),
        "kinds": [dict(row) for row in kinds],
        "locations": [dict(row) for row in shares],
    }


class SetBuilder:
    """Builds one set on a connection of its own, which holds the locks until it is closed."""

    def __init__(self, conn: asyncpg.Connection[Any], country_code: str) -> None:
        self._conn = conn
        self._country = country_code
        self.set_id = 0

    async def lock(self) -> bool:
        """Whether nobody else is importing this country."""
        return bool(
            await self._conn.fetchval("select pg_try_advisory_lock($1, hashtext($2))", COUNTRY_LOCK, self._country)
        )

    async def begin(self, borders: bytes | None) -> None:
        async with self._conn.transaction():
            self.set_id = await self._conn.fetchval(sql("places/begin_set"), self._country, borders)
            await self._conn.execute("select pg_advisory_lock($1, $2)", LOCK, self.set_id)
            await self._conn.execute(of_set("places/create_tables", self.set_id))

    async def copy_places(self, records: Iterable[tuple[Any, ...]]) -> None:
        """Records of PLACE_COLUMNS; ``tags`` and ``merged`` as JSON text in bytes."""
        await self._conn.copy_records_to_table(f"places_{self.set_id}", columns=PLACE_COLUMNS, records=records)

    async def kinds(self, kinds: Sequence[str]) -> dict[str, int]:
        """Their ids, those of new ones included."""
        await self._conn.execute(sql("places/know_kinds"), kinds)
        rows = await self._conn.fetch("select kind, kind_id from place_kinds_known where kind = any ($1)", kinds)
        return {row["kind"]: row["kind_id"] for row in rows}

    async def copy_kinds(self, records: Iterable[tuple[int, int]]) -> None:
        await self._conn.copy_records_to_table(f"place_kinds_{self.set_id}", columns=("kind", "place"), records=records)

    async def finish(
        self,
        shares: Iterable[tuple[int, int, int]],
        datasets: Iterable[tuple[Any, ...]],
        postcodes: Sequence[Location],
        *,
        places: int,
        duplicates: int,
    ) -> None:
        """Make it the current one: ``shares`` are (location, first, last), ``datasets`` the columns of add_dataset.sql
        after the set, ``postcodes`` those of all its cities."""
        for statement in of_set("places/index_tables", self.set_id).split(";"):
            if statement.strip():
                await self._conn.execute(statement)
        async with self._conn.transaction():
            await self._conn.copy_records_to_table(
                "place_shares",
                columns=("set_id", "location_id", "first", "last"),
                records=((self.set_id, *share) for share in shares),
            )
            await self._conn.executemany(sql("places/add_dataset"), [(self.set_id, *one) for one in datasets])
            await self._conn.execute(sql("places/end_current"), self._country)
            await self._conn.execute(sql("places/make_current"), self.set_id, places, duplicates)
            await replace_postcodes(self._conn, self._country, postcodes)

    async def abandon(self) -> None:
        """Remove what was built so far."""
        if self.set_id:
            await self._conn.execute(of_set("places/drop_tables", self.set_id))
            await self._conn.execute("delete from place_sets where set_id = $1 and state = 'loading'", self.set_id)


async def remove(conn: Any, country_code: str) -> bool:
    """Whether there was something to remove. Readers go on to their end."""
    return bool(await conn.fetchval(sql("places/remove"), country_code))


async def drop_unused_sets(conn: asyncpg.Connection[Any]) -> None:
    """Drops sets that were replaced a while ago or never finished; one that is being read waits for the next time."""
    for row in await conn.fetch(sql("places/unused"), KEPT, LOCK):
        with contextlib.suppress(asyncpg.LockNotAvailableError):
            async with conn.transaction():
                await conn.execute("set local lock_timeout = '100ms'")
                await conn.execute(of_set("places/drop_tables", row["set_id"]))
                await conn.execute("delete from place_sets where set_id = $1", row["set_id"])
                log.info("places of a former import dropped", set=row["set_id"])


async def expire_places(conn: asyncpg.Connection[Any]) -> None:
    """Deletes what its source's terms want gone by now, from the sets and from what was found in them."""
    for row in await conn.fetch("select set_id from place_sets where state in ('current', 'old')"):
        with contextlib.suppress(asyncpg.UndefinedTableError):
            async with conn.transaction():
                await conn.execute(of_set("places/expire", row["set_id"]))
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    await conn.execute(sql("leads/expire"), now)
    await conn.execute(sql("jobs/expire_results"), now)
