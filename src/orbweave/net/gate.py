"""Whose turn it is to ask a host: a pause between two requests, and few of them at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

PATIENCE = 20.0
"""Seconds of a pause the host asked for that are waited out."""
_SWEEP_AT = 4096


class HeldOff(Exception):
    """The host asked for a pause that is too long to wait for: ``seconds`` more."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Gate(Protocol):
    """One for all that must not add up on a host. ``host`` is any name for it that all agree on."""

    def turn(self, host: str, delay: float, connections: int) -> AbstractAsyncContextManager[None]:
        """Wait for the turn, and hold a place among ``connections`` while the request runs inside. ``delay`` seconds
        pass between the beginnings of two requests. Entering raises HeldOff instead of waiting out a long pause that
        the host asked for."""
        ...

    async def hold_off(self, host: str, seconds: float) -> None:
        """The host asked for a pause."""
        ...


@dataclass(slots=True)
class _Host:
    next_at: float = 0.0
    held_until: float = 0.0
    open: int = 0
    freed: asyncio.Event = field(default_factory=asyncio.Event)


class LocalGate:
    """For one process."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, delay: float, connections: int) -> AsyncIterator[None]:
        place = self._place(host)
        while place.open >= connections:
            place.freed.clear()
            await place.freed.wait()
        place.open += 1
        try:
            _check_hold(place)
            now = time.monotonic()
            start = max(now, place.next_at, place.held_until)
            place.next_at = start + delay
            if start > now:
                await asyncio.sleep(start - now)
            # What was asked for meanwhile holds too.
            if place.held_until > start:
                _check_hold(place)
                await asyncio.sleep(place.held_until - start)
            yield
        finally:
            place.open -= 1
            place.freed.set()

    async def hold_off(self, host: str, seconds: float) -> None:
        place = self._place(host)
        place.held_until = max(place.held_until, time.monotonic() + seconds)

    def _place(self, host: str) -> _Host:
        if len(self._hosts) >= _SWEEP_AT and host not in self._hosts:
            now = time.monotonic()
            self._hosts = {
                name: one for name, one in self._hosts.items() if one.open or max(one.next_at, one.held_until) > now
            }
        return self._hosts.setdefault(host, _Host())


def _check_hold(place: _Host) -> None:
    left = place.held_until - time.monotonic()
    if left > PATIENCE:
        raise HeldOff(left)
