"""Features of a source become the current places of their country, beside what is there until all is ready."""

from __future__ import annotations

import asyncio
import contextlib
import lzma
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import orjson
import shapely

from orbweave.errors import Conflict, InvalidInput, SetupError, Unavailable
from orbweave.locations import Location, countries, country_at, country_code, load
from orbweave.locations import outline as outline_of
from orbweave.maps import districts, osm
from orbweave.maps.cut import CHUNK, OUTSIDE, Borders, Cut
from orbweave.maps.feature import Dataset, Feature
from orbweave.maps.merge import Facts, combined, duplicates
from orbweave.maps.packaged import names_of
from orbweave.maps.sources.openstreetmap import SOURCE, Extract
from orbweave.places.spool import Spool
from orbweave.store import places as store
from orbweave.store.connect import AWAY
from orbweave.store.database import Database

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, how much of it (bytes of a download, else objects), and of how much (None: not
known)."""

_REPORTED = 5_000  # features between two calls of Progress
LONGEST = 255
"""Letters of a value that is looked up by, as many as OpenStreetMap has; an index takes no more than some thousands."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader of bulk data offers: ``features`` once through, then ``borders`` of the countries it holds whole.
    ``origin``: the file or address; ``updates``: how it is brought up to date, kept with the set; ``dropped``: records
    that were no good, by what was wrong, counted when the features are through."""

    dataset: Dataset
    origin: str
    features: Callable[[], Iterator[Feature]]
    borders: Callable[[], Sequence[Borders]] = tuple
    updates: dict[str, Any] | None = None
    dropped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Imported:
    """``outside``: features read that lie in none of the countries; ``dropped``: field -> values that were no good."""

    country: str
    source: str
    places: int
    duplicates: int
    outside: int
    dropped: dict[str, int]


def silent(what: str, done: int, total: int | None) -> None:
    pass


async def import_places(
    db: Database,
    reading: Reading,
    *,
    country: str | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
) -> list[Imported]:
    """Replace the places that ``reading``'s source has of ``country``, or of each country whose border it holds.

    The other sources of the country stay. Raises InvalidInput (a broken file, no border and no ``country``), SetupError
    (disk full) or Conflict (the country is being imported by somebody else); then nothing has changed.
    """
    wanted = country_code(country) if country else None
    with Spool(folder) as spool:
        await asyncio.to_thread(_read, spool, reading, progress)
        borders = {one.country: one for one in reading.borders()}
        if wanted is None and not borders:
            raise InvalidInput(
                f"{reading.origin} holds the whole border of no country; say whose places these are, with --country.",
                field="country",
            )
        if not len(spool):
            raise InvalidInput(f"{reading.origin} holds no businesses.", field="extract")
        done = []
        for code in [wanted] if wanted else sorted(borders):
            if code in countries():
                others = [one.outline for one in borders.values() if one.country != code]
                done.append(await _import(db, reading, code, borders.get(code), others, spool, progress))
        if not any(done):
            raise InvalidInput(
                f"None of the {len(spool)} businesses of {reading.origin} lies in"
                f" {countries()[wanted] if wanted else 'a country that is known'}; what was there before still is.",
                field="extract",
            )
        return [one for one in done if one]


def _read(spool: Spool, reading: Reading, progress: Progress) -> None:
    def counted() -> Iterator[Feature]:
        for number, feature in enumerate(reading.features(), 1):
            if number % _REPORTED == 0:
                progress("reading", number, None)
            if feature.is_on_earth:
                yield feature
            else:
                reading.dropped["position"] += 1

    spool.add(counted(), 0)
    progress("reading", len(spool), len(spool))


def of_extract(extract: Extract, origin: str | None = None) -> Reading:
    """An OpenStreetMap extract to import; ``origin``: where the file came from."""
    updates = {"url": extract.updates_from, "sequence": extract.sequence} if extract.updates_from else None
    return Reading(extract.dataset, origin or str(extract.path), extract.features, extract.borders, updates)


async def _import(
    db: Database,
    reading: Reading,
    code: str,
    borders: Borders | None,
    others: Sequence[shapely.Geometry],
    spool: Spool,
    progress: Progress,
) -> Imported | None:
    """None, and nothing has changed, when no place is in the country. ``others``: outlines of other countries."""
    async with store.importer(db.dsn) as conn:
        builder = store.SetBuilder(conn, code)
        if not await builder.lock():
            raise Conflict(f"The places of {countries()[code]} are being imported already; wait until that has ended.")
        if borders is None and (kept := await store.borders(conn, code)):
            borders = _unpacked(code, kept)
        is_whole = borders is not None
        if borders is None and others:  # of France without its whole border Monaco is no part
            borders = Borders(code, shapely.difference(_EARTH, shapely.union_all(others)))
        datasets = {0: _Made(reading.dataset, reading.origin, reading.updates, dropped=Counter(reading.dropped))}
        async for number, made in _add_others(conn, code, reading.dataset.source, spool):
            datasets[number] = made
        build = await asyncio.to_thread(_Build, code, borders or Borders(code), spool, datasets, is_whole)
        if not build.found:
            return None
        try:
            await builder.begin(_packed(borders) if borders and is_whole else None)
            await builder.copy_places(build.rows(progress))
            ids = await builder.kinds(list(build.kinds))
            await builder.copy_kinds(build.kind_rows(ids))
            progress("indexing", build.places, build.places)
            await builder.finish(
                build.shares(),
                build.dataset_rows(),
                build.postcodes,
                places=build.places,
                duplicates=len(build.same),
            )
        except asyncpg.DiskFullError:
            await _abandon(builder)
            raise SetupError(
                f"The disk of the database is full; free some room and import {countries()[code]} again. What was there"
                " before is still there."
            ) from None
        except AWAY as error:
            raise Unavailable(
                f"The database went away while {countries()[code]} was imported ({type(error).__name__}); import it"
                " again. What was there before is still there."
            ) from None
        except BaseException:
            await _abandon(builder)
            raise
    return Imported(
        code, reading.dataset.source, build.places, len(build.same), build.outside, dict(datasets[0].dropped)
    )


_EARTH = shapely.box(-180, -90, 180, 90)


async def _abandon(builder: store.SetBuilder) -> None:
    """Maintenance removes what cannot be removed now, of a full disk or over a broken connection."""
    with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        await builder.abandon()


@dataclass(slots=True)
class _Made:
    """One dataset of the set that is built. ``imported_at``: None for the one that is imported now."""

    dataset: Dataset
    origin: str
    updates: dict[str, Any] | None
    places: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    imported_at: datetime | None = None


async def _add_others(
    conn: asyncpg.Connection[Any], code: str, source: str, spool: Spool
) -> AsyncIterator[tuple[int, _Made]]:
    """Puts what other sources have of the country into the spool, each with a number of its own."""
    for former in await store.current(conn, code):
        numbers = {}
        for one in former.datasets:
            if one.source != source:
                spool.datasets += 1
                numbers[one.dataset] = spool.datasets
                dataset = Dataset(one.source, one.license, one.attribution, one.version)
                yield (
                    spool.datasets,
                    _Made(
                        dataset,
                        one.origin,
                        one.updates,
                        dropped=Counter(one.dropped),
                        imported_at=one.imported_at,
                    ),
                )
        async for row in store.read_others(conn, former.set_id, source):
            spool.add([_feature(row)], numbers[row["dataset"]])


def _feature(row: asyncpg.Record) -> Feature:
    return Feature(
        row["id"],
        store.degrees(row["latitude"]),
        store.degrees(row["longitude"]),
        row["tags"],
        row["license"],
        row["expires_at"],
    )


class _Build:
    """The rows of a set, worked out from the spool: which of them, of which location, numbered by location.
    ``is_whole``: the outline is the country's; else what is clearly abroad is left out."""

    def __init__(self, code: str, borders: Borders, spool: Spool, datasets: dict[int, _Made], is_whole: bool) -> None:
        self.code = code
        self.kinds: dict[str, int] = {}
        self._spool = spool
        self._datasets = datasets
        # Whichever was imported last, the same record stands for a business.
        sources = sorted(
            (made.dataset.source != SOURCE, made.dataset.source, number) for number, made in datasets.items()
        )
        self._ranks = {number: rank for rank, (_, _, number) in enumerate(sources)}
        own = np.flatnonzero(np.isin(spool.datasets_of, list(datasets)))
        shares = Cut(borders).shares(spool.latitudes[own], spool.longitudes[own])
        inside = shares != OUTSIDE
        if not is_whole:
            inside &= ~_abroad(code, spool.latitudes[own], spool.longitudes[own])
        is_new = spool.datasets_of[own] == 0
        self.outside = int(np.count_nonzero(~inside & is_new))
        self.found = int(np.count_nonzero(inside & is_new))
        own, shares = own[inside], shares[inside]
        self.same = duplicates(spool.latitudes, spool.longitudes, self._facts, of=own)
        self._others: dict[int, list[int]] = {}
        for number, stands in sorted(self.same.items()):
            self._others.setdefault(stands, []).append(number)
        is_other = np.isin(own, list(self.same))
        of_districts, self.postcodes = _districts(code, spool, own, shares)
        # The other records last: they are kept, but nobody finds them.
        order = np.lexsort((own, of_districts, shares, is_other))
        self._order, self._shares, self._districts = own[order], shares[order], of_districts[order]
        self.places = len(own) - len(self.same)
        self._latitudes, self._longitudes = spool.latitudes[self._order], spool.longitudes[self._order]
        self._dataset = spool.datasets_of[self._order]
        self._kind_rows = array("i")

    def _facts(self, number: int) -> Facts:
        one = self._spool[number]
        return Facts.of(one.id, one.tags, self._ranks[int(self._spool.datasets_of[number])], one.expires_at)

    def rows(self, progress: Progress) -> Iterator[tuple[Any, ...]]:
        """Records of store.PLACE_COLUMNS; also counts, and collects the kinds."""
        numbered: dict[int, int] = {}  # of the places with more than one record
        for place, (number, location_id, district_id, latitude, longitude, dataset) in enumerate(self._placed(), 1):
            one = self._spool[number]
            self._datasets[dataset].places += 1
            tags = osm.kept(one.tags)
            self._datasets[dataset].dropped.update(osm.dropped(tags, self.code))
            same_as = numbered[self.same[number]] if number in self.same else None
            merged, shown = None, tags
            if same_as is None:
                if number in self._others:
                    numbered[number] = place
                    shown, merged = self._merged(tags, one.expires_at, self._others[number])
                for kind in kinds_of(shown):
                    self._kind_rows.extend((self.kinds.setdefault(kind, len(self.kinds)), place))
            if place % _REPORTED == 0:
                progress("storing", place, len(self._order))
            yield (
                place,
                location_id,
                district_id or None,
                store.stored_degrees(latitude),
                store.stored_degrees(longitude),
                self._ranks[dataset],
                one.id,
                orjson.dumps(tags),
                _names(shown),
                one.license,
                one.expires_at,
                same_as,
                merged,
            )

    def _merged(
        self, tags: dict[str, str], expires_at: datetime | None, others: Sequence[int]
    ) -> tuple[dict[str, str], bytes]:
        """The tags that a place with these other records shows, and what is stored of them: ``tags`` it has not
        itself, and ``origins``. Nothing of one that has to be gone sooner."""
        records = [
            (self._spool[number], self._datasets[int(self._spool.datasets_of[number])].dataset) for number in others
        ]
        records = [(record, of) for record, of in records if record.expires_at == expires_at]
        shown = combined(tags, [osm.kept(record.tags) for record, _ in records])
        added = {key: value for key, value in shown.items() if key not in tags}
        origins = [(of.source, record.id, record.license or of.license, of.version) for record, of in records]
        return shown, orjson.dumps({"tags": added, "origins": origins})

    def _placed(self) -> Iterator[tuple[Any, ...]]:
        columns = (self._order, self._shares, self._districts, self._latitudes, self._longitudes, self._dataset)
        for start in range(0, len(self._order), _REPORTED):
            yield from zip(*(column[start : start + _REPORTED].tolist() for column in columns), strict=True)

    def kind_rows(self, ids: dict[str, int]) -> Iterator[tuple[int, int]]:
        by_number = [ids[kind] for kind in self.kinds]
        rows = iter(self._kind_rows)
        return ((by_number[kind], place) for kind, place in zip(rows, rows, strict=True))

    def shares(self) -> Iterator[tuple[int, int, int]]:
        """Of cities and of their postcodes."""
        for shares in (self._shares[: self.places], self._districts[: self.places]):
            ids, firsts, counts = np.unique(shares, return_index=True, return_counts=True)
            for location_id, first, count in zip(ids.tolist(), firsts.tolist(), counts.tolist(), strict=True):
                if location_id != districts.NONE:
                    yield location_id, first + 1, first + count

    def dataset_rows(self) -> Iterator[tuple[Any, ...]]:
        for number, made in self._datasets.items():
            of, updates = made.dataset, orjson.dumps(made.updates) if made.updates else None
            yield (
                self._ranks[number], of.source, of.license, of.attribution, of.version, made.origin, updates,
                made.places, orjson.dumps(made.dropped), made.imported_at,
            )  # fmt: skip


def _districts(code: str, spool: Spool, own: Any, shares: Any) -> tuple[Any, list[Location]]:
    """The postcode of each of the features ``own``, districts.NONE where its city has none, and the country's
    postcodes."""
    found = np.full(len(own), districts.NONE, dtype=np.int64)
    made: list[Location] = []
    order = np.argsort(shares, kind="stable")
    ids, starts = np.unique(shares[order], return_index=True)
    cities = {city.location_id: city for city in load(code)}
    for location_id, members in zip(ids.tolist(), np.split(order, starts[1:]), strict=False):
        of = own[members]
        found[members], postcodes = districts.cut(
            cities[location_id], spool.latitudes[of], spool.longitudes[of], spool.postcodes(of)
        )
        made += postcodes
    return found, made


def kinds_of(tags: Mapping[str, str]) -> frozenset[str]:
    """What a place is looked up by."""
    kinds = osm.kinds(tags) | {f"brand:wikidata={tags[key]}" for key in osm.BRAND_KEYS if key in tags}
    return frozenset(kind for kind in kinds if len(kind) <= LONGEST)


def _names(tags: Mapping[str, str]) -> str:
    return "\n".join(sorted(name for name in names_of(tags) if len(name) <= LONGEST))[: 400 * LONGEST]


ROUGH_DEGREES = 0.02
"""How far off the packaged outlines may be."""


def _abroad(code: str, latitudes: Any, longitudes: Any) -> Any:
    """Which points lie in another country for sure. Extracts reach beyond the border, and the border of a country with
    parts overseas (France, Spain) is not whole in that of its mainland."""
    outline = outline_of(code)
    far = np.zeros(len(latitudes), dtype=bool)
    if outline.is_empty:
        return far
    shapely.prepare(outline)
    for start in range(0, len(latitudes), CHUNK):
        some = slice(start, start + CHUNK)
        far[some] = ~shapely.dwithin(outline, shapely.points(longitudes[some], latitudes[some]), ROUGH_DEGREES)
    for number in np.flatnonzero(far).tolist():
        far[number] = country_at(latitudes[number], longitudes[number]) not in (code, None)
    return far


def _packed(borders: Borders) -> bytes:
    shapes = [borders.outline, *borders.municipalities]
    return lzma.compress(orjson.dumps([shape and shapely.to_wkb(shape, hex=True) for shape in shapes]), preset=1)


def _unpacked(code: str, packed: bytes) -> Borders:
    outline, *municipalities = [shape and shapely.from_wkb(shape) for shape in orjson.loads(lzma.decompress(packed))]
    return Borders(code, outline, municipalities)
