"""The real businesses the practice internet answers for, from the packaged open data."""

from __future__ import annotations

from orbweave.maps.place import Place


async def all_places(country: str) -> list[Place]:
    raise NotImplementedError


async def matching(query: str, country: str) -> list[Place]:
    raise NotImplementedError
