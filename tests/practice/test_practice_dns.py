"""Answers of the practice name server that are out of the ordinary."""

from __future__ import annotations

from dnslib import QTYPE, RCODE, DNSRecord

from orbweave.practice.dns import DnsServer, Name, answer
from orbweave.practice.log import Log

ZONE = {
    "a.test": Name(mx=((10, "mx.a.test"),), failure="truncated"),
    "no.test": Name(failure="refused"),
    "alias.test": Name(alias="two.test"),
    "two.test": Name(alias="mx.test"),
    "mx.test": Name(("127.0.0.1",)),
    "lost.test": Name(alias="gone.test"),
    "loop.test": Name(alias="loop.test"),
}


def test_a_truncated_answer_keeps_its_question_and_is_whole_by_tcp() -> None:
    server = DnsServer(ZONE, Log())
    query = DNSRecord.question("a.test", "MX").pack()
    short, whole = (
        DNSRecord.parse(server.reply(query, "udp") or b""),
        DNSRecord.parse(server.reply(query, "tcp") or b""),
    )
    assert (short.header.tc, len(short.questions), len(short.rr)) == (1, 1, 0)
    assert (whole.header.tc, len(whole.rr)) == (0, 1)


def ask(name: str, kind: str = "A") -> DNSRecord:
    found = answer(ZONE, DNSRecord.question(name, kind))
    assert found is not None
    return found


def test_refused() -> None:
    assert ask("no.test").header.rcode == RCODE.REFUSED


def test_aliases_are_followed() -> None:
    reply = ask("alias.test")
    assert [(str(record.rname), QTYPE[record.rtype]) for record in reply.rr] == [
        ("alias.test.", "CNAME"), ("two.test.", "CNAME"), ("mx.test.", "A"),
    ]  # fmt: skip
    assert ask("lost.test").header.rcode == RCODE.NXDOMAIN
    assert len(ask("loop.test").rr) == 8
