"""How many domains are asked at once: those whose servers answer count, those that keep us waiting hardly."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

SILENCE = 0.25
"""Seconds after which a server that says nothing keeps no other from being asked."""
MAX_BEGUN = 2_000
MIN_SHARE = 1 / 16
MEMORY = 0.05


@dataclass(eq=False, slots=True)
class Place:
    """One domain being asked; ``heard`` is to be called whenever its server says something."""

    crowd: Crowd
    since: float
    spoken: bool = False

    def heard(self) -> None:
        if not self.spoken:
            self.spoken = True
            self.crowd.learn(1.0)
        self.since = asyncio.get_running_loop().time()
        self.crowd.lively.add(self)


class Crowd:
    """Room for ``size`` domains whose servers talk with us. Of those that were just begun as many count as will talk,
    by what became of the ones before: a thousand dead servers then cost the living nothing."""

    def __init__(self, size: int) -> None:
        self.lively: set[Place] = set()
        self._size = size
        self._begun = 0
        self._share = 1.0  # of those begun that come to talk
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
        if place in self.lively and not place.spoken:
            self.learn(0.0)
        self.lively.discard(place)
        self._change.set()

    def learn(self, talks: float) -> None:
        self._share += MEMORY * (talks - self._share)

    def _has_room(self, now: float) -> bool:
        for place in [one for one in self.lively if now - one.since >= SILENCE]:
            self.lively.discard(place)
            if not place.spoken:
                self.learn(0.0)
        talking = sum(place.spoken for place in self.lively)
        soon = (len(self.lively) - talking) * max(self._share, MIN_SHARE)
        return talking + soon < self._size and self._begun < MAX_BEGUN
