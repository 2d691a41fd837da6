from __future__ import annotations

import asyncio
from typing import Any

import aiodns
import pytest
from dnslib import QTYPE, RCODE, RR, A, DNSRecord
from hypothesis import given
from hypothesis import strategies as st

from orbweave.practice import PracticeSite
from orbweave.practice.dns import DnsServer, Name, answer
from orbweave.practice.log import Log
from orbweave.practice.names import by_host, mail_domains, zone


def table(*sites: PracticeSite, emails: tuple[str, ...] = ()) -> dict[str, Name]:
    return zone(by_host(sites), mail_domains(sites, emails))


async def test_a_resolver_finds_websites_and_mail_servers(practice: Any) -> None:
    running = await practice(PracticeSite("www.alpha.test", mail="accepts"))
    resolver = aiodns.DNSResolver(nameservers=[f"127.0.0.1:{running.dns.port}"])
    found = await resolver.query_dns("www.alpha.test", "A")
    servers = await resolver.query_dns("practice.alpha.test", "MX")
    mail_host = servers.answer[0].data.exchange
    server_address = await resolver.query_dns(mail_host, "A")
    assert [record.data.addr for record in (*found.answer, *server_address.answer)] == ["127.0.0.1", "127.0.0.1"]
    with pytest.raises(aiodns.error.DNSError) as missing:
        await resolver.query_dns("elsewhere.test", "A")
    with pytest.raises(aiodns.error.DNSError) as empty:
        await resolver.query_dns("www.alpha.test", "AAAA")
    await resolver.close()
    assert missing.value.args[0] == aiodns.error.ARES_ENOTFOUND
    assert empty.value.args[0] == aiodns.error.ARES_ENODATA
    assert [query.name for query in running.log.dns][:1] == ["www.alpha.test"]


async def test_tcp_takes_several_questions_on_one_connection(practice: Any) -> None:
    running = await practice(PracticeSite("alpha.test"))
    reader, writer = await asyncio.open_connection("127.0.0.1", running.dns.port)
    for name, rcode in (("alpha.test", RCODE.NOERROR), ("nope.test", RCODE.NXDOMAIN)):
        packet = DNSRecord.question(name).pack()
        writer.write(len(packet).to_bytes(2) + packet)
        size = int.from_bytes(await reader.readexactly(2))
        assert DNSRecord.parse(await reader.readexactly(size)).header.rcode == rcode
    writer.close()


@pytest.mark.parametrize(
    ("mail", "servers"),
    [
        ("accepts", [(10, "mail.practice.alpha.test")]),
        ("backup_mx", [(10, "mx.down.practice.test"), (20, "mail.practice.alpha.test")]),
        ("null_mx", [(0, "")]),
        ("tarpit", [(10, "mx.tarpit.practice.test")]),
        ("no_mx", []),
        ("implicit_mx", []),
        ("dangling_mx", [(10, "gone.practice.alpha.test")]),
    ],
)
def test_mail_servers_follow_the_behaviour(mail: str, servers: list[tuple[int, str]]) -> None:
    names = table(PracticeSite("www.alpha.test", mail=mail))
    assert list(names["practice.alpha.test"].mx) == servers
    assert all(not host or host in names for _, host in servers) is (mail != "dangling_mx")
    assert bool(names["practice.alpha.test"].addresses) is (mail == "implicit_mx")


def test_missing_domains_and_failures() -> None:
    assert "practice.alpha.test" not in table(PracticeSite("www.alpha.test", mail="no_domain"))
    names = table(
        PracticeSite("www.alpha.test", mail="mail_dns_failure"), PracticeSite("beta.test", web="no_such_name")
    )
    assert names["practice.alpha.test"].failure == "servfail"
    assert names["www.alpha.test"].addresses == ("127.0.0.1",)
    assert "beta.test" not in names
    assert "practice.beta.test" in names
    assert answer(names, DNSRecord.question("practice.alpha.test", "MX")).header.rcode == RCODE.SERVFAIL


def test_the_domain_itself_takes_mail_like_the_practice_domain() -> None:
    site = PracticeSite("www.alpha.test", mail="catch_all")
    domains = mail_domains([site])
    assert domains["alpha.test"] == domains["practice.alpha.test"]
    assert "info" in domains["alpha.test"].mailboxes
    assert table(site)["alpha.test"].mx == ((10, "mail.alpha.test"),)
    assert table(site)["alpha.test"].addresses == ("127.0.0.1",)


def test_addresses_of_the_open_data_have_a_mail_server() -> None:
    names = table(PracticeSite("www.alpha.test"), emails=("Some.One@mail-provider.test",))
    assert names["mail-provider.test"].mx == ((10, "mail.mail-provider.test"),)
    domains = mail_domains([], ["Some.One@mail-provider.test"])
    assert domains["mail-provider.test"].mailboxes == {"some.one"}


def test_long_answers_are_truncated_for_udp_and_whole_for_tcp() -> None:
    server = DnsServer({"many.test": Name(tuple(f"127.0.0.{n}" for n in range(1, 100)))}, Log())
    query = DNSRecord.question("many.test").pack()
    assert DNSRecord.parse(server.reply(query, "udp") or b"").header.tc == 1
    assert len(DNSRecord.parse(server.reply(query, "tcp") or b"").rr) == 99


def test_silence_is_no_answer() -> None:
    log = Log()
    server = DnsServer({"silent.test": Name(failure="silent")}, log)
    assert server.reply(DNSRecord.question("silent.test").pack(), "udp") is None
    assert log.dns[0].rcode == "silent"


def test_a_reply_is_never_replied_to() -> None:
    reply = DNSRecord.question("alpha.test").reply()
    reply.add_answer(RR("alpha.test", QTYPE.A, rdata=A("127.0.0.1")))
    assert DnsServer({}, Log()).reply(reply.pack(), "udp") is None


@given(st.binary(max_size=600))
def test_any_packet_is_survived(packet: bytes) -> None:
    reply = DnsServer({}, Log()).reply(packet, "udp")
    assert reply is None or reply[:2] == packet[:2]
