"""A name server on loopback, UDP and TCP, that answers from a table."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from dnslib import CNAME, MX, QTYPE, RCODE, RR, SOA, A, DNSError, DNSHeader, DNSLabel, DNSRecord

from orbweave.practice.log import DnsQuery, Log

TTL = 300
UDP_SIZE = 512
MAX_ALIASES = 8


@dataclass(frozen=True, slots=True)
class Name:
    """What is known of one name; every name not in the table is NXDOMAIN. ``mx`` are (preference, host), ``alias`` is
    the name it is another word for (CNAME). ``failure`` "truncated": the answer is had by TCP only."""

    addresses: tuple[str, ...] = ()
    mx: tuple[tuple[int, str], ...] = ()
    failure: Literal["", "servfail", "refused", "silent", "truncated"] = ""
    alias: str = ""


Zone = Mapping[str, Name]


def answer(zone: Zone, query: DNSRecord) -> DNSRecord | None:
    """The reply to ``query``; None when the table says to keep silent."""
    reply = query.reply(ra=1, aa=1)
    asked = str(query.q.qname).rstrip(".").lower()
    name = zone.get(asked)
    if name is not None and name.failure == "silent":
        return None
    if name is not None and name.failure in ("servfail", "refused"):
        reply.header.rcode = RCODE.SERVFAIL if name.failure == "servfail" else RCODE.REFUSED
        return reply
    owner = query.q.qname
    for _ in range(MAX_ALIASES):
        if name is None or not name.alias:
            break
        reply.add_answer(RR(owner, QTYPE.CNAME, rdata=CNAME(name.alias), ttl=TTL))
        owner, name = DNSLabel(name.alias), zone.get(name.alias)
    if name is None:
        reply.header.rcode = RCODE.NXDOMAIN
    else:
        kind = QTYPE.get(query.q.qtype)
        if kind in ("A", "ANY"):
            for address in name.addresses:
                reply.add_answer(RR(owner, QTYPE.A, rdata=A(address), ttl=TTL))
        if kind in ("MX", "ANY"):
            for preference, host in name.mx:
                reply.add_answer(RR(owner, QTYPE.MX, rdata=MX(host or ".", preference), ttl=TTL))
    if not reply.rr:
        soa = SOA("ns.practice.test", "hostmaster.practice.test", (1, 3600, 600, 86400, TTL))
        reply.add_auth(RR("practice.test", QTYPE.SOA, rdata=soa, ttl=TTL))
    return cast(DNSRecord, reply)


class DnsServer:
    """``async with`` it; ``port`` is the same for UDP and TCP."""

    def __init__(self, zone: Zone, log: Log, latency: float = 0.0) -> None:
        self.zone = zone
        self.port = 0
        self._log = log
        self._latency = latency
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        listener, datagrams = _bind_both()
        self.port = listener.getsockname()[1]
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), sock=datagrams)
        self._tcp = await asyncio.start_server(self._serve_stream, sock=listener)

    async def stop(self) -> None:
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()

    def reply(self, data: bytes, transport: str) -> bytes | None:
        """The packet that answers ``data``, FORMERR for one that can't be read, None for none."""
        try:
            query = DNSRecord.parse(data)
            if query.header.qr or not query.questions:
                return None
        except (DNSError, ValueError, IndexError):
            if len(data) < 2:
                return None
            return bytes(DNSRecord(DNSHeader(id=int.from_bytes(data[:2]), qr=1, rcode=RCODE.FORMERR)).pack())
        found = answer(self.zone, query)
        rcode = "silent" if found is None else str(RCODE.get(found.header.rcode))
        kind = str(QTYPE.get(query.q.qtype))
        name = str(query.q.qname).rstrip(".").lower()
        self._log.query(DnsQuery(name, kind, transport, rcode, time.monotonic()))
        if found is None:
            return None
        packet = bytes(found.pack())
        if transport == "tcp" or (len(packet) <= _room(query) and not self._truncates(name)):
            return packet
        short = query.reply(ra=1, aa=1)  # with its question: clients drop a reply without
        short.header.tc = 1
        return bytes(short.pack())

    def _truncates(self, name: str) -> bool:
        return name in self.zone and self.zone[name].failure == "truncated"

    def reply_datagram(self, transport: asyncio.DatagramTransport, data: bytes, address: tuple[str, int]) -> None:
        packet = self.reply(data, "udp")
        if packet is not None:
            asyncio.get_running_loop().call_later(self._latency, _send, transport, packet, address)

    async def _serve_stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length = int.from_bytes(await reader.readexactly(2))
                packet = self.reply(await reader.readexactly(length), "tcp")
                if packet is not None:
                    await asyncio.sleep(self._latency)
                    writer.write(len(packet).to_bytes(2) + packet)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._server.reply_datagram(self._transport, data, addr)


def _room(query: DNSRecord) -> int:
    """Bytes a UDP reply may have: what the client's EDNS record says, or the classic limit."""
    return max((int(record.rclass) for record in query.ar if record.rtype == QTYPE.OPT), default=UDP_SIZE)


def _send(transport: asyncio.DatagramTransport, packet: bytes, address: tuple[str, int]) -> None:
    if not transport.is_closing():
        transport.sendto(packet, address)


def _bind_both() -> tuple[socket.socket, socket.socket]:
    """A TCP and a UDP socket on the same free port."""
    for _ in range(50):
        listener = socket.create_server(("127.0.0.1", 0))
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            datagrams.bind(listener.getsockname())
        except OSError:
            listener.close()
            datagrams.close()
        else:
            return listener, datagrams
    raise OSError("No port is free for both UDP and TCP on 127.0.0.1.")
