"""Where places come from, one module per source.

A source is anything with the shape of ``Source``; packages offer theirs under the entry point group
``orbweave.sources`` (name -> a callable without arguments that returns the source).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

from orbweave.errors import InvalidInput, OrbweaveError, SetupError, Unavailable
from orbweave.locations import Location
from orbweave.maps.distance import metres
from orbweave.maps.place import Place
from orbweave.maps.understanding import Understanding

GROUP = "orbweave.sources"


@dataclass(frozen=True, slots=True)
class Circle:
    latitude: float
    longitude: float
    radius_m: float

    def covers(self, place: Place) -> bool:
        return metres(self.latitude, self.longitude, place.latitude, place.longitude) <= self.radius_m


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a source is asked for: the places of ``country`` (a code) with the meaning of ``understanding``; only those
    of one location (its own share of the country, or of its city where it is a postcode), or of a circle."""

    country: str
    understanding: Understanding
    location: Location | None = None
    circle: Circle | None = None

    def covers(self, place: Place) -> bool:
        """Whether the place is where it is asked for."""
        if self.circle:
            return self.circle.covers(place)
        return self.location is None or self.location.location_id in (place.location_id, place.district_id)


@runtime_checkable
class Source(Protocol):
    """Every place belongs to one location of one country, so a country is the disjoint union of its locations."""

    name: str
    attribution: str
    """Shown wherever its places are."""

    async def countries(self) -> frozenset[str]:
        """Codes (ISO 3166, two letters) of the countries it has."""
        ...

    def places(self, wanted: Wanted) -> AsyncIterator[Place]:
        """What matches, each business once, as it is found. Raises NoSource for a country it has not."""
        ...


@runtime_checkable
class WithDistricts(Protocol):
    """What a source has besides when it knows the postcodes of cities."""

    async def district(self, location_id: int) -> Location | None:
        """The postcode with this id (see ``maps.districts``), in any of its countries."""
        ...


class NoSource(InvalidInput):
    """Nothing has places of the country; the message says what there is."""

    def __init__(self, name: str, country: str, have: Iterable[str]) -> None:
        countries = ", ".join(sorted(have)) or "none"
        super().__init__(
            f"The source {name!r} has no places of {country}; it has these countries: {countries}.", field="country"
        )


class SourceBusy(Unavailable):
    """The source wants to be asked again in ``retry_after`` seconds."""

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(f"{reason}; ask again in {retry_after:.0f} s.")
        self.retry_after = retry_after


class Sources:
    """The sources there are, best first."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = {source.name: source for source in sources}

    def names(self) -> list[str]:
        """Those given and those of installed plug-ins."""
        plugins = (entry.name for entry in entry_points(group=GROUP))
        return list(dict.fromkeys([*self._sources, *sorted(plugins)]))

    def named(self, name: str) -> Source:
        """Raises InvalidInput that lists what there is."""
        if name in self._sources:
            return self._sources[name]
        if name not in self.names():
            raise InvalidInput(
                f"There is no place source {name!r}; there is: {', '.join(sorted(self.names()))}.", field="source"
            )
        return _plugin(name)

    async def choose(self, name: str | None, country: str) -> Source:
        """The source of that name, else the best that has the country. Raises InvalidInput."""
        candidates: Sequence[Source] = [self.named(name)] if name else list(self._sources.values())
        have: set[str] = set()
        for source in candidates:
            countries = await source.countries()
            if country in countries:
                return source
            have |= countries
        raise NoSource(name or ", ".join(self._sources), country, have)

    async def countries(self, name: str | None = None) -> frozenset[str]:
        """What the source of that name has, else what any of those given has."""
        chosen = [self.named(name)] if name else list(self._sources.values())
        return frozenset().union(*[await source.countries() for source in chosen])

    async def district(self, location_id: int, name: str | None = None) -> Location | None:
        """The postcode with this id, of the source of that name or else of any."""
        for source in [self.named(name)] if name else self._sources.values():
            if isinstance(source, WithDistricts) and (found := await source.district(location_id)):
                return found
        return None


def is_local(source: Source) -> bool:
    """Whether asking it costs nothing: what it has is on this machine. Its attribute ``is_local``, if it has one."""
    return bool(getattr(source, "is_local", False))


@lru_cache(maxsize=16)
def _plugin(name: str) -> Source:
    entry, *_ = entry_points(group=GROUP, name=name)
    try:
        made = entry.load()()
    except OrbweaveError:
        raise
    except Exception as error:
        raise SetupError(f"The plug-in {entry.value!r} cannot be loaded ({type(error).__name__}: {error}).") from error
    if not isinstance(made, Source):
        raise InvalidInput(f"The plug-in {entry.value!r} lacks part of orbweave.maps.Source.", field="source")
    return made


def packaged_sources() -> Sources:
    """What is there without a database, a network or a setting."""
    from orbweave.maps.sources.embedded import EmbeddedSource

    return Sources([EmbeddedSource()])
