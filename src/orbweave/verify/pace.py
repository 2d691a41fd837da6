"""Whose turn it is with a mail server: one session each and few with a provider, for all who share the gate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address

from orbweave.errors import InvalidInput
from orbweave.net import Gate, LocalGate, guard
from orbweave.verify import lists

STOPPED_SECONDS = 3600.0
"""How long a provider is left alone that says our address has a bad name."""


@dataclass(frozen=True, slots=True)
class Limit:
    """``places`` sessions at once, ``delay`` seconds between the beginnings of two."""

    places: int
    delay: float


def parse_limits(entries: Iterable[str]) -> dict[str, Limit]:
    """``provider:sessions:seconds`` each. Raises InvalidInput."""
    limits = {}
    for entry in entries:
        name, _, rest = entry.partition(":")
        places, _, delay = rest.partition(":")
        try:
            limits[name.strip()] = limit = Limit(int(places), float(delay))
            usable = limit.places > 0 and 0 <= limit.delay <= 3600
        except ValueError:
            usable = False
        if not usable or name.strip() not in lists.provider_names():
            raise InvalidInput(
                f"{entry!r} is not a limit; write provider:sessions:seconds like google:4:0.25, with a provider of "
                f"{', '.join(sorted(lists.provider_names()))}.",
                field="smtp_limits",
            )
    return limits


@cache
def usual_limits() -> Mapping[str, Limit]:
    rows = (row.split() for row in lists.rows("pace.txt"))
    return {name: Limit(int(places), float(delay)) for name, places, delay in rows}


class Pace:
    """``delay`` seconds pass between two sessions with one server. ``limits`` by provider, beside the usual ones."""

    def __init__(self, gate: Gate | None = None, delay: float = 1.0, limits: Mapping[str, Limit] | None = None) -> None:
        self._gate = gate or LocalGate()
        self._delay = delay
        self._limits = {**usual_limits(), **(limits or {})}

    @asynccontextmanager
    async def turn(self, server: str, addresses: Sequence[str]) -> AsyncIterator[None]:
        """Hold the only place with ``server`` (an MX name with its addresses) and one with its provider. Entering
        raises HeldOff while the provider is left alone."""
        provider = lists.provider((server,))
        async with AsyncExitStack() as places:
            # Always in this order, so that two never wait for each other.
            await places.enter_async_context(self._gate.turn(f"mx:{_machine(server, addresses)}", self._delay, 1))
            if provider is not None and (limit := self._limits.get(provider)) is not None:
                await places.enter_async_context(self._gate.turn(f"mail:{provider}", limit.delay, limit.places))
            yield

    async def stop(self, server: str) -> None:
        """It says that our address has a bad name: asking its provider on would only make that worse."""
        provider = lists.provider((server,))
        if provider in self._limits:
            await self._gate.hold_off(f"mail:{provider}", STOPPED_SECONDS)


def _machine(server: str, addresses: Sequence[str]) -> str:
    """What two names of one machine have in common. Inside private networks, where one address may stand for many
    servers behind it, the name is all there is."""
    public = [address for address in map(ip_address, addresses) if guard.is_public(address)]
    return str(min(public, key=lambda address: (address.version, int(address)))) if public else server
