"""Whether a mail domain or its servers are on block lists: only those the operator names, by his own resolver."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from importlib.resources import files
from ipaddress import IPv4Network, ip_address
from typing import Any

import yaml

from orbweave.errors import InvalidInput
from orbweave.net import NameNotFound, NetError, Network, guard

KEPT = 3600.0
UNUSABLE_KEPT = 600.0
MAX_KEPT = 50_000
MAX_SERVERS = 4
PUBLIC_RESOLVERS = ("1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9", "149.112.112.112", "208.67.222.222")
HOW_TO_SET = "No block list is asked until ORBWEAVE_DNSBL_ZONES names the ones whose terms you keep."


@dataclass(frozen=True, slots=True)
class Zone:
    """``name`` is asked, ``label`` told; ``of`` "domain" or "address". See data/dnsbl.yaml."""

    name: str
    label: str
    of: str
    hits: tuple[IPv4Network, ...]
    traps: bool
    public: bool
    terms: str


class State(Enum):
    LISTED = "listed"
    CLEAN = "clean"
    UNUSABLE = "unusable"  # the list does not serve us, or nobody could say


@cache
def known_zones() -> tuple[Zone, ...]:
    return tuple(
        Zone(
            row["zone"],
            row.get("label", row["zone"]),
            row["of"],
            tuple(map(IPv4Network, row["hits"])),
            row["traps"],
            row["public"],
            row["terms"],
        )
        for row in yaml.safe_load((files("orbweave.verify") / "data" / "dnsbl.yaml").read_text("utf-8"))
    )


def parse_zones(names: Iterable[str]) -> tuple[Zone, ...]:
    """The lists meant, of those known; a customer's key may stand in front. Raises InvalidInput."""
    zones = []
    for name in names:
        wanted = name.lower().rstrip(".")
        found = [zone for zone in known_zones() if wanted == zone.name or wanted.endswith(f".{zone.name}")]
        if not found:
            shown = wanted.partition(".")[2] or wanted  # what is in front may be a key
            raise InvalidInput(
                f"{shown} is not a block list that can be asked; there are "
                f"{', '.join(zone.name for zone in known_zones())}.",
                field="dnsbl_zones",
            )
        zone = found[0]
        zones.append(Zone(wanted, zone.label, zone.of, zone.hits, zone.traps, zone.public, zone.terms))
    return tuple(zones)


class BlockLists:
    """One per process; remembers answers for an hour."""

    def __init__(self, network: Network, zones: Sequence[Zone] = ()) -> None:
        self._network = network
        asks_public = any(server.rpartition(":")[0] in PUBLIC_RESOLVERS or server in PUBLIC_RESOLVERS
                          for server in network.settings.nameservers)  # fmt: skip
        self.zones = tuple(zones)
        self._usable = tuple(zone for zone in zones if zone.public or not asks_public)
        self._kept: OrderedDict[str, tuple[float, State]] = OrderedDict()

    async def look_up(self, domain: str, servers: Sequence[str], now: datetime) -> dict[str, Any] | None:
        """The contract's ``dnsbl`` of a domain with these mail servers. None when no list could say anything."""
        by_address = any(zone.of == "address" for zone in self._usable)
        addresses = await self._addresses(servers) if by_address else []
        asked = [
            (zone, f"{what}.{zone.name}")
            for zone in self._usable
            for what in ([domain] if zone.of == "domain" else map(_reversed, addresses))
        ]
        states = await asyncio.gather(*(self._state(zone, name) for zone, name in asked))
        said = [(zone, state) for (zone, _), state in zip(asked, states, strict=True) if state is not State.UNUSABLE]
        if not said:
            return None
        hit = [zone for zone, state in said if state is State.LISTED]
        return {
            "spam_trap_risk": "high" if any(zone.traps for zone in hit) else "medium" if hit else "low",
            "blacklists_hit": list(dict.fromkeys(zone.label for zone in hit)),
            "checked_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    async def _addresses(self, servers: Sequence[str]) -> list[str]:
        answers = await asyncio.gather(
            *(self._network.addresses(server) for server in servers[:MAX_SERVERS]), return_exceptions=True
        )
        found = [one for answer in answers if not isinstance(answer, BaseException) for one in answer]
        return [one for one in dict.fromkeys(found) if guard.is_public(ip_address(one))]

    async def _state(self, zone: Zone, name: str) -> State:
        until, state = self._kept.get(name, (0.0, State.UNUSABLE))
        if until > time.monotonic():
            return state
        try:
            answers = await self._network.records(name, "A")
            state = _read(zone, answers)
        except NameNotFound:
            state = State.CLEAN
        except NetError:
            return State.UNUSABLE
        kept = UNUSABLE_KEPT if state is State.UNUSABLE else KEPT
        self._kept[name] = (time.monotonic() + kept, state)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return state


def _read(zone: Zone, answers: Sequence[str]) -> State:
    found = [ip_address(answer) for answer in answers]
    if any(address in network for address in found for network in zone.hits):
        return State.LISTED
    # Anything else, 127.255.255.x above all, is said of us and not of the name.
    return State.UNUSABLE if found else State.CLEAN


def _reversed(address: str) -> str:
    return ip_address(address).reverse_pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")
