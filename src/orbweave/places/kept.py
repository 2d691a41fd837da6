"""Adding, updating and removing the places of a country: what ``orbweave places`` does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from orbweave.config import Settings
from orbweave.errors import InvalidInput, NotFound
from orbweave.locations import countries, load
from orbweave.maps.sources import overture
from orbweave.maps.sources.openstreetmap import SOURCE, Extract
from orbweave.net import Network
from orbweave.places import geofabrik, updating
from orbweave.places.download import changed, discard, download, stored_as
from orbweave.places.importing import Imported, Progress, Reading, import_places, of_extract
from orbweave.places.sources import mark
from orbweave.store import places as store
from orbweave.store.database import Database
from orbweave.store.places import StoredDataset


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
        if "@" in urlsplit(what).netloc:
            raise InvalidInput(
                "An address with a password in it would be stored and shown; download the file and add that.",
                field="what",
            )
        return Wanted(country, what)
    path = Path(what.removeprefix("file://")).expanduser()
    if path.is_file():
        return Wanted(country, str(path.absolute()))
    if path.is_dir():
        raise InvalidInput(f"{what} is a folder; name the file in it.", field="what")
    if "/" in what or what.endswith((".pbf", ".osm", ".bz2", ".gz")):
        raise InvalidInput(f"There is no file {what}.", field="what")
    extract = geofabrik.extract(what, settings.extracts_url)
    return Wanted(country or extract.country, extract.url)


async def add(
    db: Database, network: Network, settings: Settings, of: Wanted, *, keep: bool, progress: Progress
) -> list[Imported]:
    """Get the extract and make it the current places of its countries. Raises what download and import raise."""
    if not of.is_remote:
        return await _import(db, settings, Path(of.origin), of.origin, of.country, progress)
    folder = _folder(settings)
    file = await download(network, of.origin, folder, lambda done, total: progress("downloading", done, total))
    try:
        done = await _import(db, settings, file, of.origin, of.country, progress)
    except InvalidInput as error:
        if error.field == "extract":
            discard(of.origin, folder)
        raise
    if not keep:
        discard(of.origin, folder)
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
    await _tidy(db, settings)
    return done


async def _tidy(db: Database, settings: Settings) -> None:
    """Leave word of what there is now, and drop what nobody reads any more or may keep."""
    async with db.transaction() as conn:
        await store.drop_unused_sets(conn)
        await store.expire_places(conn)
    mark(settings, [each.country_code for each in await store.current(db.pool)])


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
    source, updates = Wanted(country, of.origin), of.updates or {}
    if not source.is_remote:
        raise InvalidInput(
            f"The places of {countries()[country]} came from {of.origin}, which cannot be brought up to date: add a"
            f" newer file, or `orbweave places add {country}`.",
            field="countries",
        )
    file = stored_as(source.origin, _folder(settings))
    held = updating.sequence(file) if file.is_file() else None
    if updates.get("url") and updates.get("sequence"):
        state = await updating.newest(network, updates["url"])
        if state.sequence <= updates["sequence"]:
            return Updated(country, f"{countries()[country]} is up to date (of {(of.version or '')[:10]}).", [])
        if held is not None and state.sequence - held <= updating.MOST_DIFFS:
            missing = max(0, state.sequence - held)
            how = "the kept extract, which has all diffs, was imported."
            if missing:
                how = f"{missing} {'diff' if missing == 1 else 'diffs'} applied."
                changed(of.origin, _folder(settings))
                await updating.apply(
                    network, updates["url"], file, held, state, lambda done, total: progress("updating", done, total)
                )
            done = await _import(db, settings, file, of.origin, country, progress)
            return Updated(country, f"{countries()[country]}: {how}", done)
    done = await add(db, network, settings, source, keep=file.is_file(), progress=progress)
    return Updated(country, f"{countries()[country]}: the extract was fetched anew.", done)


def _folder(settings: Settings) -> Path:
    return settings.home / "extracts"


async def _dataset(db: Database, country: str) -> StoredDataset:
    for each in await store.current(db.pool, country):
        for of in each.datasets:
            if of.source == SOURCE:
                return of
        raise InvalidInput(
            f"The places of {countries()[country]} are not from OpenStreetMap; add them again from where they came,"
            f" such as `orbweave places add {country} --source overture`.",
            field="countries",
        )
    raise not_imported(country)


async def remove(db: Database, settings: Settings, country: str) -> None:
    """Raises NotFound where nothing was imported."""
    current = {each.country_code: each for each in await store.current(db.pool)}
    if country not in current:
        raise not_imported(country)
    async with db.transaction() as conn:
        await store.remove(conn, country)
    removed = current.pop(country)
    needed = {of.origin for each in current.values() for of in each.datasets}
    for of in removed.datasets:
        if Wanted(country, of.origin).is_remote and of.origin not in needed:
            discard(of.origin, _folder(settings))
    await _tidy(db, settings)


def not_imported(country: str) -> NotFound:
    return NotFound(f"No places of {countries()[country]} were imported; `orbweave places add {country}` does it.")


async def stats(db: Database, country: str, top: int = 20) -> dict[str, Any]:
    """What there is of a country: by kind and by location, with the share that can be reached."""
    for each in await store.current(db.pool, country):
        return await store.stats(db.pool, each, top)
    raise not_imported(country)
