"""Whose turn it is to ask a host: a pause between two requests, and few of them at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

_SWEEP_AT = 4096


class Gate(Protocol):
    """One for all crawls that must not add up on a host. ``host`` is a ``urls.site_key``."""

    def turn(self, host: str, delay: float, connections: int) -> AbstractAsyncContextManager[None]:
        """Wait for the turn, and hold a place among ``connections`` while the request runs inside. ``delay`` seconds
        pass between the beginnings of two requests."""
        ...

    async def hold_off(self, host: str, seconds: float) -> None:
        """The host asked for a pause."""
        ...


@dataclass(slots=True)
class _Host:
    next_at: float = 0.0
    open: int = 0
    freed: asyncio.Event = field(default_factory=asyncio.Event)


class LocalGate:
    """For the crawls of one process."""

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
            now = time.monotonic()
            start = max(now, place.next_at)
            place.next_at = start + delay
            if start > now:
                await asyncio.sleep(start - now)
            yield
        finally:
            place.open -= 1
            place.freed.set()

    async def hold_off(self, host: str, seconds: float) -> None:
        place = self._place(host)
        place.next_at = max(place.next_at, time.monotonic() + seconds)

    def _place(self, host: str) -> _Host:
        if len(self._hosts) >= _SWEEP_AT and host not in self._hosts:
            now = time.monotonic()
            self._hosts = {name: one for name, one in self._hosts.items() if one.open or one.next_at > now}
        return self._hosts.setdefault(host, _Host())
