"""Which sources of places there are with these settings; loads only what they need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from orbweave import maps
from orbweave.config import Settings

if TYPE_CHECKING:
    from orbweave.net import Gate, Network
    from orbweave.store.database import Database

_OURS = ("imported", "embedded", "overpass")
_MARKER = "imported"


def mark(settings: Settings, countries: Iterable[str]) -> None:
    """Leave word of the countries imported, for who would not start the embedded database to find none."""
    if settings.database_url is None and settings.home.is_dir():
        file, codes = settings.home / _MARKER, sorted(countries)
        if codes:
            file.write_text("\n".join(codes) + "\n", encoding="ascii")
        else:
            file.unlink(missing_ok=True)


def are_imported(settings: Settings) -> bool:
    """Whether the database exists and may hold places; makes and starts none."""
    if settings.database_url is not None:
        return True
    if not (settings.home / _MARKER).is_file():
        return False
    from orbweave.store.embedded import EmbeddedPostgres

    return EmbeddedPostgres(settings.home).data.is_dir()


def place_sources(settings: Settings, db: Database | None, network: Network, gate: Gate | None = None) -> maps.Sources:
    """Where places come from, best first. Raises InvalidInput for a source that is not there."""
    there: dict[str, maps.Source] = {"embedded": maps.packaged_sources().named("embedded")}
    if db is not None:
        from orbweave.places.stored import StoredSource

        there["imported"] = StoredSource(db)
    if settings.overpass_url is not None:
        from orbweave.maps.sources.overpass import OverpassSource

        url, folder = settings.overpass_url.get_secret_value(), settings.home / "overpass"
        there["overpass"] = OverpassSource(network, url, folder, kept_days=settings.overpass_days, gate=gate)
    every = maps.Sources(there.values())
    return maps.Sources(every.named(name) for name in settings.place_sources if name in there or name not in _OURS)
