"""Where places come from, one module per source.

A source is anything with the shape of ``Source``; packages offer theirs under the entry point group
``orbweave.sources`` (name -> a callable without arguments that returns the source).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

from orbweave.errors import InvalidInput
from orbweave.maps.place import Place
from orbweave.maps.understanding import Understanding

GROUP = "orbweave.sources"


@runtime_checkable
class Source(Protocol):
    """Every place belongs to one location of one country, so a country is the disjoint union of its locations."""

    name: str
    attribution: str
    """Shown wherever its places are."""

    def countries(self) -> frozenset[str]:
        """Codes of the countries it has."""
        ...

    def places(
        self, country: str, understanding: Understanding, *, location_id: int | None = None
    ) -> AsyncIterator[Place]:
        """What matches, of one location or of the whole country. Raises NoSource for a country it has not."""
        ...


class NoSource(InvalidInput):
    """The source has no places of the country; the message says which countries it has."""

    def __init__(self, source: Source, country: str) -> None:
        have = ", ".join(sorted(source.countries())) or "none"
        super().__init__(
            f"The source {source.name!r} has no places of {country}; it has these countries: {have}.", field="country"
        )


def source(name: str | None = None) -> Source:
    """The source of that name; None is the packaged one. Raises InvalidInput that lists what there is."""
    from orbweave.maps.sources.embedded import EmbeddedSource

    if name is None or name == EmbeddedSource.name:
        return EmbeddedSource()
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in found:
        have = ", ".join(sorted({EmbeddedSource.name, *found}))
        raise InvalidInput(f"There is no place source {name!r}; there is: {have}.", field="source")
    return _load(name)


@lru_cache(maxsize=16)
def _load(name: str) -> Source:
    (entry,) = entry_points(group=GROUP, name=name)
    made = entry.load()()
    if not isinstance(made, Source):
        raise InvalidInput(f"The plug-in {entry.value!r} lacks part of orbweave.maps.Source.", field="source")
    return made
