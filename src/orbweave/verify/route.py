"""Which servers take a domain's mail."""

from __future__ import annotations

import random
from itertools import groupby

from orbweave.net import AddressRefused, NameNotFound, NameUnavailable, Network
from orbweave.verify.facts import Route, RouteKind


async def find_route(network: Network, domain: str) -> Route:
    """Mail servers by preference, equal ones in random order; the domain itself when it has no MX. Never raises for
    what the DNS says: a failure is RouteKind.UNKNOWN, and only a definite no is RouteKind.NONE."""
    try:
        records = await network.mx(domain)
        if not records:
            await network.addresses(domain)
            return Route(RouteKind.IMPLICIT, (domain,), (0,))
    except NameNotFound as error:
        return Route(RouteKind.NONE, note=str(error))
    except NameUnavailable as error:
        return Route(RouteKind.UNKNOWN, note=str(error))
    except AddressRefused:
        # A server that may not be dialled is still a server; the dialogue says why it was not asked.
        return Route(RouteKind.IMPLICIT, (domain,), (0,))
    usable = [record for record in records if record.host != "."]
    if not usable:
        return Route(RouteKind.NONE, note=f"{domain} says with a null MX that it takes no mail.")
    ordered = []
    for _, equal in groupby(sorted(usable), key=lambda record: record.preference):
        ordered += random.sample(peers := list(equal), len(peers))
    return Route(RouteKind.MX, tuple(record.host for record in ordered), tuple(record.preference for record in ordered))
