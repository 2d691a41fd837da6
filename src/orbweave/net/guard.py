"""Which addresses may be dialled: those on the public internet, and the networks the operator exempts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from orbweave.errors import InvalidInput

Address = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_TEREDO = IPv6Network("2001::/32")
# Addresses that older registries call public and yet answer only inside one network or cloud.
_LOCAL_SERVICES = (IPv4Network("192.0.0.0/24"), IPv4Network("168.63.129.16/32"))
# What URL parsers would read as an IPv4 address (127.1, 0x7f000001, 2130706433): the last label is a number.
_NUMERIC_HOST = re.compile(r"(?:^|\.)(?:\d+|0[xX][0-9a-fA-F]*)\.?$")


def parse_networks(cidrs: Iterable[str]) -> tuple[IPNetwork, ...]:
    """Raises InvalidInput for what is not a CIDR."""
    networks = []
    for cidr in cidrs:
        try:
            networks.append(ip_network(cidr, strict=False))
        except ValueError:
            raise InvalidInput(
                f"{cidr!r} is not a network; write it like 10.0.0.0/8 or fd00::/8.", field="allow_networks"
            ) from None
    return tuple(networks)


def literal(host: str) -> Address | None:
    """The address that ``host`` spells (with or without brackets), or None when it is a name."""
    bracketed = host.startswith("[") and host.endswith("]")
    try:
        return ip_address(host[1:-1] if bracketed else host)
    except ValueError:
        return None


def is_disguised_address(host: str) -> bool:
    """True for number-like hosts that some resolvers take for an address although it isn't written as one."""
    return literal(host) is None and _NUMERIC_HOST.search(host) is not None


def embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that a transition mechanism (mapped, 6to4, NAT64) would reach through ``address``."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def is_public(address: Address) -> bool:
    """False for everything that isn't ordinary global unicast, also when it hides inside a transition address."""
    inner = embedded(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, IPv6Address) and (address not in _GLOBAL_UNICAST or address in _TEREDO):
        return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in network for network in _LOCAL_SERVICES)


def is_allowed(address: Address, exempt: Iterable[IPNetwork] = ()) -> bool:
    """Public, or inside one of the ``exempt`` networks."""
    candidates = [address, inner] if (inner := embedded(address)) is not None else [address]
    return is_public(address) or any(
        candidate.version == network.version and candidate in network for candidate in candidates for network in exempt
    )
