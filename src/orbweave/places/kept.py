"""Adding, updating and removing the places of a country: what ``orbweave places`` does."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orbweave.config import Settings
from orbweave.errors import InvalidInput, NotFound
from orbweave.locations import countries, load
from orbweave.maps.sources import overture
from orbweave.maps.sources.openstreetmap import SOURCE, Extract
from orbweave.net import Network
from orbweave.places import geofabrik, updating
from orbweave.places.download import download
from orbweave.places.importing import Imported, Reading, import_places, of_extract
from orbweave.places.sources import mark
from orbweave.store import places as store
from orbweave.store.database import Database
from orbweave.store.places import StoredDataset

Progress = Callable[[str, int, int | None], None]
"""What is being done, how much of it (bytes of a download, else objects), and of how much."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``origin``: an address or a file. ``country``: whose places; None takes each country whose border it holds."""

    country: str | None
    origin: str

    @property
    def is_remote(self) -> bool:
        return bool(re.match(r"https?://", self.origin))


def wanted(what: str, country: str | None, settings: Settings) -> Wanted:
    """``what``: a country, a file or an address. Raises InvalidInput."""
    if re.match(r"https?://", what):
        return Wanted(country, what)
    path = Path(what.removeprefix("file://")).expanduser()
    if path.is_file():
        return Wanted(country, str(path.absolute()))
    if "/" in what or what.endswith((".pbf", ".osm")):
        raise InvalidInput(f"There is no file {what}.", field="what")
    extract = geofabrik.extract(what, settings.extracts_url)
    return Wanted(country or extract.country, extract.url)


async def add(
    db: Database, network: Network, settings: Settings, of: Wanted, *, keep: bool, progress: Progress
) -> list[Imported]:
    """Get the extract and make it the current places of its countries. Raises what download and import raise."""
    if not of.is_remote:
        return await _import(db, settings, Path(of.origin), of.origin, of.country, progress)
    folder = settings.home / "extracts"
    file = await download(network, of.origin, folder, lambda done, total: progress("downloading", done, total))
    done = await _import(db, settings, file, of.origin, of.country, progress)
    if not keep:
        file.unlink(missing_ok=True)
    return done


async def add_overture(
    db: Database,
    network: Network,
    settings: Settings,
    country: str,
    *,
    origin: str | None,
    release: str | None,
    confidence: float,
    progress: Progress,
) -> list[Imported]:
    """The places of a country from Overture: ``origin`` a folder or file of GeoParquet, None for the public bucket."""
    extent = _extent(country)
    with overture.connect() as connection:
        if origin is not None:
            files = _parquet(origin)
            version = release or next(iter(re.findall(r"\d{4}-\d{2}-\d{2}(?:\.\d+)?", files[0])), None)
            read = overture.Places(connection, files, country, version=version, extent=extent, confidence=confidence)
            return await _marked(db, settings, of_overture(read, origin), country, progress)
        from orbweave.places.overture_bucket import PROTOCOL, Bucket

        async with Bucket(network, settings.overture_url) as bucket:
            release = release or await bucket.newest_release()
            keys = await bucket.files(release)
            connection.register_filesystem(bucket.filesystem(keys))
            paths = [f"{PROTOCOL}://{key}" for key in keys]
            read = overture.Places(connection, paths, country, version=release, extent=extent, confidence=confidence)
            return await _marked(db, settings, of_overture(read, f"release {release}"), country, progress)


def of_overture(read: overture.Places, origin: str) -> Reading:
    return Reading(read.dataset, origin, read.features, dropped=read.dropped)


def _parquet(origin: str) -> list[str]:
    path = Path(origin).expanduser()
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path] if path.is_file() else []
    if not files:
        raise InvalidInput(f"There is no Parquet file in {origin}.", field="from")
    return [str(file) for file in files]


MARGIN = 0.5
"""Degrees round the places of the gazetteer that a country reaches at most."""


def _extent(country: str) -> tuple[float, float, float, float] | None:
    """(west, south, east, north); None where the country has no places or reaches across the antimeridian."""
    places = load(country)
    west = min((place.longitude for place in places), default=0.0)
    east = max((place.longitude for place in places), default=0.0)
    if not places or east - west > 180:
        return None
    south, north = min(place.latitude for place in places), max(place.latitude for place in places)
    return west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN


async def _import(
    db: Database, settings: Settings, file: Path, origin: str, country: str | None, progress: Progress
) -> list[Imported]:
    return await _marked(db, settings, of_extract(Extract(file), origin), country, progress)


async def _marked(
    db: Database, settings: Settings, reading: Reading, country: str | None, progress: Progress
) -> list[Imported]:
    done = await import_places(db, reading, country=country, progress=progress)
    mark(settings, [each.country_code for each in await store.current(db.pool)])
    return done


@dataclass(frozen=True, slots=True)
class Updated:
    """``imported`` is empty when there was nothing new; ``how``: what was done, in words."""

    country: str
    how: str
    imported: list[Imported]


async def update(db: Database, network: Network, settings: Settings, country: str, *, progress: Progress) -> Updated:
    """Bring the OpenStreetMap places of a country up to date: by diffs where its extract was kept, else by getting it
    anew. Raises NotFound where nothing was imported, InvalidInput where there is no way to."""
    of = await _dataset(db, country)
    server, sequence = (of.updates or {}).get("url"), (of.updates or {}).get("sequence")
    source = Wanted(country, of.origin)
    if server and sequence and source.is_remote:
        state = await updating.newest(network, server)
        if state.sequence <= sequence:
            return Updated(country, f"{countries()[country]} is up to date (of {(of.version or '')[:10]}).", [])
        file = _kept_file(settings, source)
        if file.is_file() and state.sequence - sequence <= updating.MOST_DIFFS:
            held = Extract(file).sequence
            if held:
                progress("updating", 0, state.sequence - held)
                await updating.apply(network, server, file, held, state)
                done = await _import(db, settings, file, of.origin, country, progress)
                return Updated(country, f"{state.sequence - held} diffs were applied.", done)
    if not source.is_remote:
        raise InvalidInput(
            f"The places of {countries()[country]} came from {of.origin}, which cannot be brought up to date: add a"
            " newer file, or `orbweave places add " + country + "`.",
            field="country",
        )
    keep = _kept_file(settings, source).is_file()
    done = await add(db, network, settings, source, keep=keep, progress=progress)
    return Updated(country, "The extract was fetched anew.", done)


def _kept_file(settings: Settings, of: Wanted) -> Path:
    return settings.home / "extracts" / of.origin.rpartition("/")[2]


async def _dataset(db: Database, country: str) -> StoredDataset:
    for each in await store.current(db.pool, country):
        for of in each.datasets:
            if of.source == SOURCE:
                return of
    raise NotFound(
        f"No OpenStreetMap places of {countries()[country]} were imported; `orbweave places add {country}` does it."
    )


async def remove(db: Database, settings: Settings, country: str) -> None:
    """Raises NotFound where nothing was imported."""
    for each in await store.current(db.pool, country):
        async with db.transaction() as conn:
            await store.remove(conn, country)
            for of in each.datasets:
                kept = Wanted(country, of.origin)
                if kept.is_remote:
                    with contextlib.suppress(OSError):
                        _kept_file(settings, kept).unlink()
        mark(settings, [each.country_code for each in await store.current(db.pool)])
        return
    raise NotFound(f"No places of {countries()[country]} were imported.")


async def stats(db: Database, country: str, top: int = 20) -> dict[str, Any]:
    """What there is of a country: by kind and by location, with the share that can be reached."""
    for each in await store.current(db.pool, country):
        return await store.stats(db.pool, each, top)
    raise NotFound(f"No places of {countries()[country]} were imported; `orbweave places add {country}` does it.")
