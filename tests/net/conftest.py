"""A DNS server on loopback that answers from a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from dnslib import QTYPE, RCODE, RR
from dnslib.server import BaseResolver, DNSServer


class TableDns(BaseResolver):
    """``zone``: (name, type) -> zone-file lines; a name without any entry is NXDOMAIN, ``broken`` names SERVFAIL."""

    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], list[str]] = {}
        self.broken: set[str] = set()
        self.asked: list[tuple[str, str]] = []

    def resolve(self, request, handler):  # type: ignore[no-untyped-def]
        name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]
        self.asked.append((name, kind))
        reply = request.reply()
        if name in self.broken:
            reply.header.rcode = RCODE.SERVFAIL
        elif not any(known == name for known, _ in self.zone):
            reply.header.rcode = RCODE.NXDOMAIN
        else:
            for line in self.zone.get((name, kind), []):
                reply.add_answer(*RR.fromZone(f"{name}. {line}"))
        return reply


@pytest.fixture
def dns() -> Iterator[TableDns]:
    table = TableDns()
    server = DNSServer(table, address="127.0.0.1", port=0, logger=_Silent())
    server.start_thread()
    table.nameserver = f"127.0.0.1:{server.server.server_address[1]}"  # type: ignore[attr-defined]
    yield table
    server.stop()
    server.server.server_close()


class _Silent:
    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None
