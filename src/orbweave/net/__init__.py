"""The one way out: resolver, allowed networks, connect-to, TLS roots and User-Agent for everything that connects."""

from orbweave.net.body import read_at_most
from orbweave.net.dns import MX
from orbweave.net.errors import (
    AddressRefused,
    ContactMissing,
    NameNotFound,
    NameTimeout,
    NameUnavailable,
    NetError,
    ServFail,
)
from orbweave.net.gate import Gate, HeldOff, LocalGate
from orbweave.net.network import NetSettings, Network

__all__ = [
    "MX",
    "AddressRefused",
    "ContactMissing",
    "Gate",
    "HeldOff",
    "LocalGate",
    "NameNotFound",
    "NameTimeout",
    "NameUnavailable",
    "NetError",
    "NetSettings",
    "Network",
    "ServFail",
    "read_at_most",
]
