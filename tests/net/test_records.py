"""Records as they are, unchecked: to be read, never to be dialled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from dnslib import AAAA, CNAME, PTR, QTYPE, RCODE, RR, TXT, A, DNSRecord

from orbweave.net import NameNotFound, NameUnavailable, NetSettings, Network

RECORDS = {
    ("2.0.0.127.list.test", "A"): [A("127.0.0.2")],
    ("six.test", "AAAA"): [AAAA("::1")],
    ("1.2.0.192.in-addr.arpa", "PTR"): [PTR("Mail.Me.test.")],
    ("_x.me.test", "TXT"): [TXT([b"v=spf1 ", b"-all"]), TXT("\u00fc".encode())],
    ("alias.test", "A"): [CNAME("list.test"), A("127.0.0.3")],
}


class Answers(asyncio.DatagramProtocol):
    asked: list[str]

    def __init__(self) -> None:
        self.asked = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        request = DNSRecord.parse(data)
        name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]
        self.asked.append(name)
        reply = request.reply()
        if name == "broken.test":
            reply.header.rcode = RCODE.SERVFAIL
        elif not any(known == name for known, _ in RECORDS):
            reply.header.rcode = RCODE.NXDOMAIN
        for value in RECORDS.get((name, kind), []):
            kind_of = QTYPE.reverse[type(value).__name__]
            reply.add_answer(RR(name, kind_of, rdata=value, ttl=300))
        self.transport.sendto(reply.pack(), address)  # type: ignore[attr-defined]


@asynccontextmanager
async def network() -> AsyncIterator[tuple[Network, Answers]]:
    transport, answers = await asyncio.get_running_loop().create_datagram_endpoint(Answers, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    async with Network(NetSettings(nameservers=(f"127.0.0.1:{port}",))) as net:
        yield net, answers
    transport.close()


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("2.0.0.127.list.test", "A", ["127.0.0.2"]),
        ("six.test", "AAAA", ["::1"]),
        ("six.test", "A", []),
        ("1.2.0.192.in-addr.arpa", "PTR", ["mail.me.test"]),
        ("_X.me.test.", "TXT", ["v=spf1 -all", "ü"]),
        ("alias.test", "A", ["127.0.0.3"]),
    ],
)
async def test_records_are_told_as_they_are(name: str, kind: str, found: list[str]) -> None:
    async with network() as (net, _):
        assert await net.records(name, kind) == found


async def test_they_are_remembered_by_kind() -> None:
    async with network() as (net, answers):
        for _ in range(3):
            await net.records("2.0.0.127.list.test", "A")
        await net.records("2.0.0.127.list.test", "TXT")
    assert len(answers.asked) == 2


async def test_a_name_that_is_not_there_and_a_server_that_fails_differ() -> None:
    async with network() as (net, _):
        with pytest.raises(NameNotFound):
            await net.records("gone.test", "A")
        with pytest.raises(NameUnavailable):
            await net.records("broken.test", "A")
