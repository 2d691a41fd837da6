"""curl's ``--connect-to``: dial another host and port than the URL says. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from orbweave.errors import InvalidInput

_ENTRY = re.compile(r"(\[[^\]]*\]|[^:\[\]]*):(\d*):(\[[^\]]*\]|[^:\[\]]*):(\d*)")


@dataclass(frozen=True, slots=True)
class Mapping:
    """``host``/``port`` None match everything; ``to_host``/``to_port`` None keep what was asked for."""

    host: str | None
    port: int | None
    to_host: str | None
    to_port: int | None

    def matches(self, host: str, port: int) -> bool:
        return self.host in (None, host) and self.port in (None, port)


def _host(text: str) -> str | None:
    return text.removeprefix("[").removesuffix("]").rstrip(".").lower() or None


def _port(text: str) -> int | None:
    return int(text) if text else None


def parse(entries: Iterable[str]) -> tuple[Mapping, ...]:
    """Raises InvalidInput that explains the format."""
    mappings = []
    for entry in entries:
        match = _ENTRY.fullmatch(entry.strip())
        ports = [_port(match[2]), _port(match[4])] if match else []
        if match is None or any(port is not None and not 0 < port < 65536 for port in ports):
            raise InvalidInput(
                f"{entry!r} is not usable: write HOST1:PORT1:HOST2:PORT2, which dials HOST2:PORT2 whenever HOST1:PORT1 "
                "is asked for. An empty HOST1 or PORT1 matches all, an empty HOST2 or PORT2 keeps what was asked for; "
                "IPv6 addresses go in brackets. Example: example.com:443:127.0.0.1:8443",
                field="connect_to",
            )
        mappings.append(Mapping(_host(match[1]), ports[0], _host(match[3]), ports[1]))
    return tuple(mappings)


def target(mappings: Iterable[Mapping], host: str, port: int) -> tuple[str, int]:
    """The first matching mapping applied to ``host``:``port``."""
    wanted = host.removeprefix("[").removesuffix("]").rstrip(".").lower()
    for mapping in mappings:
        if mapping.matches(wanted, port):
            return mapping.to_host or host, mapping.to_port or port
    return host, port
