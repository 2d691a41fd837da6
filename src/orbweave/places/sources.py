"""Which sources of places there are with these settings; imports only what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orbweave import maps
from orbweave.config import Settings

if TYPE_CHECKING:
    from orbweave.net import Gate, Network
    from orbweave.store.database import Database

_OURS = ("imported", "embedded", "overpass")


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
