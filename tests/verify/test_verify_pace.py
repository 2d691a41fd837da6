"""One session a server, few with a provider, and none with one that complains of our address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from verify_loopback import NO_USER, OK, Script, address, mx, world

from orbweave.errors import InvalidInput
from orbweave.net import LocalGate
from orbweave.verify import Verifier
from orbweave.verify.classify import blames_our_address
from orbweave.verify.facts import Reply, Stage
from orbweave.verify.pace import Limit, Pace, parse_limits, usual_limits


class Gate(LocalGate):
    """Tells what was asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[tuple[str, float, int]] = []
        self.held: list[tuple[str, float]] = []

    @asynccontextmanager
    async def turn(self, host: str, delay: float, connections: int) -> AsyncIterator[None]:
        self.turns.append((host, delay, connections))
        async with super().turn(host, delay, connections):
            yield

    async def hold_off(self, host: str, seconds: float) -> None:
        self.held.append((host, seconds))
        await super().hold_off(host, seconds)


async def turns(server: str, *addresses: str, **options: Any) -> list[tuple[str, float, int]]:
    gate = Gate()
    async with Pace(gate, **options).turn(server, addresses):
        return gate.turns


async def test_a_server_has_one_place_and_its_provider_a_few() -> None:
    assert await turns("mx.a.test") == [("mx:mx.a.test", 1.0, 1)]
    assert await turns("aspmx.l.google.com", "8.8.4.4", delay=0.5) == [
        ("mx:8.8.4.4", 0.5, 1),
        ("mail:google", 0.25, 4),
    ]
    assert await turns("x.mail.protection.outlook.com", limits={"microsoft": Limit(1, 3)}) == [
        ("mx:x.mail.protection.outlook.com", 1.0, 1),
        ("mail:microsoft", 3, 1),
    ]


async def test_names_of_one_machine_share_its_place() -> None:
    assert await turns("mx.a.test", "9.9.9.9", "8.8.8.8") == await turns("mx.b.test", "8.8.8.8")
    # In a private network an address may stand for many servers.
    assert await turns("mx.a.test", "10.0.0.1") != await turns("mx.b.test", "10.0.0.1")


def test_the_usual_limits() -> None:
    assert {name: limit.places for name, limit in usual_limits().items()} == {
        "google": 4, "microsoft": 2, "outlook_consumer": 1, "yahoo": 1,
    }  # fmt: skip


def test_limits_are_read() -> None:
    assert parse_limits(["google:2:1.5", "zoho:1:0"]) == {"google": Limit(2, 1.5), "zoho": Limit(1, 0)}


@pytest.mark.parametrize("entry", ["google", "google:0:1", "google:1:-1", "google:1:nan", "nobody:1:1", "google:x:1"])
def test_unusable_limits_are_refused(entry: str) -> None:
    with pytest.raises(InvalidInput, match="provider:sessions:seconds"):
        parse_limits([entry])


LISTED = "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"
S3150 = "550 5.7.1 Messages from [192.0.2.1] weren't sent. Part of their network is on our block list (S3150)."


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        (Stage.BANNER, LISTED),
        (Stage.MAIL, S3150),
        (Stage.RCPT, "550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list"),
        (Stage.MAIL, "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints"),
        (Stage.RCPT, "553 5.7.1 [BL21] Connections not accepted from 192.0.2.1, because the ip is in a blocklist"),
        (Stage.BANNER, "554 imta.example 192.0.2.1 found on one or more DNSBLs"),
        (Stage.RCPT, "550 5.7.1 [192.0.2.1] The IP has a very low reputation of the sending IP"),
    ],
)  # fmt: skip
def test_complaints_of_our_address_are_known(stage: Stage, reply: str) -> None:
    code, _, text = reply.partition(" ")
    assert blames_our_address(Reply(stage, int(code), text))


@pytest.mark.parametrize(
    "reply",
    [
        NO_USER,
        "550 5.1.1 <bob@a.test>: user is not listed in our directory",
        "550 5.7.1 Relaying denied",
        "550 5.7.1 SPF check failed",
        "450 4.7.1 Greylisted",
        "250 2.1.5 OK, not on a blocklist",
        "452 4.2.2 mailbox full",
    ],
)
def test_other_refusals_are_no_complaint_of_it(reply: str) -> None:
    code, _, text = reply.partition(" ")
    assert not blames_our_address(Reply(Stage.RCPT, int(code), text), "bob@a.test")


async def test_a_provider_that_complains_is_left_alone_and_asked_later() -> None:
    servers = {
        "a.mail.protection.outlook.com": Script(rcpt={"*": S3150}),
        "b.mail.protection.outlook.com": Script(rcpt={"bob": OK}),
        "mx.other.test": Script(rcpt={"bob": OK}),
    }
    records = {
        ("a.test", "MX"): mx("a.mail.protection.outlook.com"),
        ("b.test", "MX"): mx("b.mail.protection.outlook.com"),
        ("c.test", "MX"): mx("mx.other.test"),
    }
    gate = Gate()
    async with world(servers, records) as here:
        verifier = Verifier(here.network, pace=Pace(gate, 0))
        first = await verifier.check_domain([f"p{i}@a.test" for i in range(5)], here.options)
        [second] = await verifier.check_domain(["bob@b.test"], here.options)
        [third] = await verifier.check_domain(["bob@c.test"], here.options)
    assert {(one.status, one.finding) for one in first} == {("unknown", "blocked")}
    assert "S3150" in first[0].reason
    asked = [one for one in here.servers["a.mail.protection.outlook.com"].commands if one.startswith("RCPT")]
    assert len(asked) == 1
    assert gate.held == [("mail:microsoft", 3600.0)]
    assert (second.status, second.sub_status, second.greylisted) == ("unknown", "blocked", True)
    assert "left alone" in second.reason
    assert here.servers["b.mail.protection.outlook.com"].sessions == []
    assert third.status == "valid"


async def test_verifiers_that_share_a_gate_never_meet_at_a_server() -> None:
    names = [f"d{i}.test" for i in range(12)]
    async with world(
        {"mx.a.test": Script(rcpt={"*": NO_USER})}, {(name, "MX"): mx("mx.a.test") for name in names}
    ) as here:
        gate = LocalGate()
        verifiers = [Verifier(here.network, pace=Pace(gate, 0)) for _ in range(4)]
        await asyncio.gather(
            *(verifiers[i % 4].check_domain([f"bob@{name}"], here.options) for i, name in enumerate(names))
        )
        server = here.servers["mx.a.test"]
    assert len(server.sessions) == 12
    assert server.most == 1


async def test_a_provider_has_no_more_sessions_than_places() -> None:
    names = [f"{letter}.mail.protection.outlook.com" for letter in "abcdef"]
    open_now = most = 0

    class Counting(Gate):
        @asynccontextmanager
        async def turn(self, host: str, delay: float, connections: int) -> AsyncIterator[None]:
            nonlocal open_now, most
            async with super().turn(host, delay, connections):
                open_now += host == "mail:microsoft"
                most = max(most, open_now)
                yield
                open_now -= host == "mail:microsoft"

    limits = {"microsoft": Limit(2, 0)}
    records = {(f"{name[0]}.test", "MX"): mx(name) for name in names}
    async with world({name: Script(rcpt={"bob": OK}) for name in names}, records) as here:
        verifier = Verifier(here.network, pace=Pace(Counting(), 0, limits))
        emails = [f"bob@{name[0]}.test" for name in names]
        verdicts = [one async for one in verifier.check(emails, here.options)]
    assert [one.status for one in verdicts] == ["valid"] * 6
    assert most == 2


async def test_a_session_of_many_refusals_is_ended_and_begun_again() -> None:
    async with world({"mx.a.test": Script(rcpt={"*": NO_USER})}) as here:
        await here.ask(*(f"p{i}@a.test" for i in range(50)))
        sessions = here.servers["mx.a.test"].sessions
    assert [sum(one.startswith("RCPT") for one in session) for session in sessions] == [20, 20, 10]
    assert all(session[-1] == "QUIT" for session in sessions)


async def test_domains_are_asked_in_another_order_than_given() -> None:
    names = [f"d{i}.test" for i in range(40)]
    async with world(
        {f"mx.{name}": Script() for name in names},
        {(name, "MX"): mx(f"mx.{name}") for name in names} | {("x", "A"): address("127.0.0.1")},
    ) as here:
        verifier = Verifier(here.network, domains_at_once=1)
        order = [one.email async for one in verifier.check([f"bob@{name}" for name in names], here.options)]
    assert sorted(order) == sorted(f"bob@{name}" for name in names)
    assert order != [f"bob@{name}" for name in names]
