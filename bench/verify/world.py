"""Domains whose names say how their mail servers behave and where these are. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

NAME_SERVER = "127.0.0.1"
MAIL_PORT = 25
LIVE, SLOW, HELD, SILENT, REFUSED, HOSTILE = "live", "slow", "held", "silent", "refused", "hostile"
# More than one address, so that no pair of them runs out of ports.
_ADDRESSES = {
    LIVE: [f"127.1.0.{n}" for n in range(1, 9)],
    SLOW: [f"127.1.1.{n}" for n in range(1, 9)],
    HELD: ["127.1.2.1"],
    SILENT: ["127.1.3.1"],
    REFUSED: ["127.1.4.1"],
}
HOSTILE_KINDS = (
    "endless-banner",
    "banner-without-end-of-line",
    "banner-that-drips",
    "banner-of-binary",
    "ehlo-without-end",
    "ehlo-that-drips",
    "ehlo-of-100-kb-lines",
    "mail-that-floods",
    "recipient-that-floods",
    "recipient-that-drips",
    "slow-steps",
    "tls-of-nonsense",
)
_SUFFIX = ".example"
WARM_UP = "warm.live.example"
"""Asked about before the clock starts; not in the servers' reports."""


def domain(kind: str, number: int) -> str:
    return f"d{number:06d}.{kind}{_SUFFIX}"


def hostile_domain(kind: str) -> str:
    return f"{kind}.{HOSTILE}{_SUFFIX}"


def addresses(kind: str, domains: range, per_domain: int, missing: int = 0) -> Iterator[str]:
    """``missing`` of the ``per_domain`` mailboxes of each domain don't exist."""
    for number in domains:
        name = domain(kind, number)
        for box in range(per_domain):
            yield f"{'x' if box >= per_domain - missing else 'p'}erson.{box}@{name}"


def exists(local: str) -> bool:
    return local.startswith("person.")


def is_control(local: str) -> bool:
    return "." not in local


def mail_server(name: str) -> str | None:
    """The MX of a domain; None when there is no such domain."""
    return f"mx.{name}" if not name.startswith("mx.") and address(f"mx.{name}") else None


def address(host: str) -> str | None:
    """Of a mail server; None when there is none of this name."""
    if not host.startswith("mx.") or not host.endswith(_SUFFIX):
        return None
    name, _, kind = host[len("mx.") : -len(_SUFFIX)].rpartition(".")
    if kind == HOSTILE:
        return hostile_address(name) if name in HOSTILE_KINDS else None
    found = _ADDRESSES.get(kind)
    return found[crc32(name.encode()) % len(found)] if found else None


def hostile_address(kind: str) -> str:
    return f"127.1.5.{1 + HOSTILE_KINDS.index(kind)}"


def listening() -> dict[str, str]:
    """Address -> behaviour, of all that take connections."""
    found = {one: kind for kind, some in _ADDRESSES.items() if kind != REFUSED for one in some}
    return found | {hostile_address(kind): kind for kind in HOSTILE_KINDS}
