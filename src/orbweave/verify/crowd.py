"""How many domains are asked at once: those whose servers answer count, those that keep us waiting hardly."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

SILENCE = 0.25
"""Seconds after which a server that says nothing keeps no other from being asked."""
BEGUN = 4
MAX_BEGUN = 2_000


@dataclass(eq=False, slots=True)
class Place:
    """One domain being asked; ``heard`` is to be called whenever its server says something."""

    crowd: Crowd
    since: float
    spoken: bool = False

    def heard(self) -> None:
        self.since, self.spoken = asyncio.get_running_loop().time(), True
        self.crowd.lively.add(self)


class Crowd:
    """Room for ``size`` domains whose servers talk with us, for ``BEGUN`` times as many that were just begun, and for
    ``MAX_BEGUN`` in all: a thousand dead servers then cost the living nothing."""

    def __init__(self, size: int) -> None:
        self.lively: set[Place] = set()
        self._size = size
        self._begun = 0
        self._change = asyncio.Event()

    async def enter(self) -> Place:
        """Waits until there is room for one more."""
        loop = asyncio.get_running_loop()
        while not self._has_room(loop.time()):
            self._change.clear()
            # Nobody tells that they have fallen silent, so it is looked at now and then.
            timer = loop.call_later(SILENCE / 5, self._change.set)
            try:
                await self._change.wait()
            finally:
                timer.cancel()
        self._begun += 1
        place = Place(self, loop.time())
        self.lively.add(place)
        return place

    def leave(self, place: Place) -> None:
        self._begun -= 1
        self.lively.discard(place)
        self._change.set()

    def _has_room(self, now: float) -> bool:
        self.lively = {place for place in self.lively if now - place.since < SILENCE}
        talking = sum(place.spoken for place in self.lively)
        begun = len(self.lively) - talking
        return talking < self._size and begun < BEGUN * self._size and self._begun < MAX_BEGUN
