"""How mail servers are dialled, and what is made of it when none can be."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from verify_loopback import DEAD_PORT, OK, Script, mx, world

from orbweave.errors import InvalidInput
from orbweave.verify import Verifier
from orbweave.verify.dial import Dialler, try_providers
from orbweave.verify.egress import PAUSE, Egress
from orbweave.verify.facts import Fault
from orbweave.verify.pace import Pace
from orbweave.verify.smtp import Broken


@dataclass
class Socks:
    """A SOCKS5 server: what it was asked to dial, and by whom. ``refuses`` is the reply code for all, 0 for none."""

    user: str = ""
    password: str = ""
    refuses: int = 0
    port: int = 0
    dialled: list[tuple[str, int]] = field(default_factory=list)
    known_as: list[tuple[str, str]] = field(default_factory=list)
    clients: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.clients.append(writer.get_extra_info("peername")[0])
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        offered = await reader.readexactly(methods)
        if self.user:
            assert 2 in offered
            writer.write(b"\x05\x02")
            await reader.readexactly(1)
            name = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
            secret = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
            self.known_as.append((name, secret))
            good = (name, secret) == (self.user, self.password)
            writer.write(b"\x01\x00" if good else b"\x01\x01")
            if not good:
                return
        else:
            writer.write(b"\x05\x00")
        kind = (await reader.readexactly(4))[3]
        assert kind == 1, "an IPv4 address, not a name"
        address = ".".join(map(str, await reader.readexactly(4)))
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        self.dialled.append((address, port))
        writer.write(bytes((5, self.refuses, 0, 1, 0, 0, 0, 0, 0, 0)))
        if self.refuses:
            return
        far_reader, far_writer = await asyncio.open_connection(address, port)
        await asyncio.gather(pipe(reader, far_writer), pipe(far_reader, writer))


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def socks(user: str = "", password: str = "", refuses: int = 0) -> AsyncIterator[Socks]:
    proxy = Socks(user, password, refuses)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    yield proxy
    server.close()


async def test_through_a_socks_proxy_the_checked_address_is_dialled() -> None:
    async with socks("me", "p@ss:word") as proxy, world({"mx.a.test": Script(rcpt={"bob": OK})}) as here:
        dialler = Dialler(f"socks5://me:p%40ss%3Aword@127.0.0.1:{proxy.port}")
        [verdict] = await Verifier(here.network, dialler=dialler).check_domain(["bob@a.test"], here.options)
    assert verdict.status == "valid"
    assert proxy.dialled == [("127.0.0.1", here.servers["mx.a.test"].port)]
    assert proxy.known_as == [("me", "p@ss:word")]


@pytest.mark.parametrize("trouble", ["refuses", "wrong password", "gone"])
async def test_a_proxy_that_fails_says_nothing_of_the_mailbox(trouble: str) -> None:
    async with socks("me", "secret", 5 if trouble == "refuses" else 0) as proxy, world() as here:
        password = "wrong" if trouble == "wrong password" else "secret"
        port = DEAD_PORT if trouble == "gone" else proxy.port
        dialler = Dialler(f"socks5://me:{password}@127.0.0.1:{port}")
        [verdict] = await Verifier(here.network, dialler=dialler).check_domain(["bob@a.test"], here.options)
    assert (verdict.status, verdict.sub_status) == ("unknown", "smtp_unreachable")
    assert "SOCKS" in verdict.reason
    assert password not in verdict.reason
    assert here.servers["mx.a.test"].sessions == []


@pytest.mark.parametrize(
    "url",
    ["proxy.example:1080", "http://proxy.example:1080", "socks5://proxy.example", "socks5://:1080", "socks5://a:b:c",
     "socks5://me:secret@proxy.example:99999", "socks5://me:secret@proxy.example:1080/x"],
)  # fmt: skip
def test_an_unusable_proxy_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(InvalidInput, match="socks5://user:password@") as refused:
        Dialler(url)
    assert "secret" not in str(refused.value)
    assert refused.value.field == "smtp_proxy"


async def test_a_source_address_is_dialled_from() -> None:
    async with socks() as server:
        connection = await Dialler(source="127.0.0.5").open("a.test", "127.0.0.1", server.port, 5)
        assert connection.local_address() == "127.0.0.5"
        connection.abort()


async def test_a_source_address_of_the_other_kind_leads_nowhere() -> None:
    async with world() as here:
        verifier = Verifier(here.network, dialler=Dialler(source="::1"))
        [verdict] = await verifier.check_domain(["bob@a.test"], here.options)
    assert verdict.sub_status == "smtp_unreachable"
    assert "smtp_source" in verdict.reason


def test_a_source_that_is_no_address_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no IP address"):
        Dialler(source="eth0")


async def test_a_source_that_is_not_ours_is_no_connection() -> None:
    with pytest.raises(Broken) as broken:
        await Dialler(source="192.0.2.1").open("a.test", "127.0.0.1", DEAD_PORT, 5)
    assert broken.value.fault is Fault.UNREACHABLE


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


GOOGLE, YAHOO = "aspmx.l.google.com", "mta5.am0.yahoodns.net"


def test_closed_when_large_providers_cannot_be_reached() -> None:
    egress = Egress()
    for server in (GOOGLE, "alt1.aspmx.l.google.com", "alt2.aspmx.l.google.com", "alt3.aspmx.l.google.com"):
        egress.failed(server)
        egress.failed(server)
    assert not egress.closed  # one operator may have trouble of its own, or with us
    egress.failed(YAHOO)
    assert egress.closed


def test_strangers_are_often_down_and_count_little() -> None:
    egress = Egress()
    for i in range(19):
        egress.failed(f"mx.dead{i}.test")
    assert not egress.closed
    egress.failed("mx.dead19.test")
    assert egress.closed


def test_one_connection_proves_that_the_way_is_open() -> None:
    egress = Egress()
    for i in range(19):
        egress.failed(f"mx.dead{i}.test")
    egress.reached()
    for i in range(19):
        egress.failed(f"mx.dead{i}.test")
    assert not egress.closed


def test_while_closed_one_is_tried_now_and_then() -> None:
    clock = Clock()
    egress = Egress(clock)
    for i in range(20):
        egress.failed(f"mx.dead{i}.test")
    assert not egress.admits()
    clock.now += PAUSE
    assert [egress.admits(), egress.admits()] == [True, False]
    egress.failed("mx.dead1.test")
    assert not egress.admits()
    clock.now += PAUSE
    assert egress.admits()
    egress.reached()
    assert [egress.admits(), egress.admits()] == [True, True]


async def test_a_closed_port_25_is_noticed_and_said_and_the_rest_is_still_told() -> None:
    domains = [f"d{i}.test" for i in range(30)]
    records = {(domain, "MX"): mx(f"mx.{domain}") for domain in domains} | {
        ("null.test", "MX"): mx("."),
        ("dangling.test", "MX"): mx("gone.dangling.test"),
        ("hotmial.com", "MX"): mx("mx.d1.test"),
    }
    async with world(dict.fromkeys((f"mx.{domain}" for domain in domains), None), records) as here:  # type: ignore[arg-type]
        verifier = Verifier(here.network, pace=Pace(delay=0))
        verdicts = [(await verifier.check_domain([f"bob@{domain}"], here.options))[0] for domain in domains]
        assert not verifier.reaches_servers
        told = {
            email: (await verifier.check_domain([email], here.options))[0].data()
            for email in ("bob@null.test", "bob@dangling.test", "info@hotmial.com", "no address")
        }
    assert {(one.status, one.sub_status) for one in verdicts} == {("unknown", "smtp_unreachable")}
    assert sum("ORBWEAVE_SMTP_PROXY" in one.reason and "port-25.md" in one.reason for one in verdicts) == 10
    assert [told[email]["sub_status"] for email in told][:2] == ["no_mx", "no_mx"]
    assert told["no address"]["sub_status"] == "invalid_syntax"
    assert told["info@hotmial.com"]["did_you_mean"] == "info@hotmail.com"
    assert told["info@hotmial.com"]["flags"]["is_role_account"]
    assert told["info@hotmial.com"]["attempts"] == 0


async def test_large_providers_are_greeted_and_left() -> None:
    servers = {"mx.google.test": Script(), "mx.outlook.test": Script(banner="554 5.7.1 go away")}
    records = {("gmail.com", "MX"): mx("mx.google.test"), ("outlook.com", "MX"): mx("mx.outlook.test")}
    async with world(servers, records) as here:
        tried = await try_providers(here.network, Dialler(), 25)
    assert [(one.server, one.connected, one.text[:3]) for one in tried] == [
        ("mx.google.test", True, "220"),
        ("mx.outlook.test", True, "554"),
    ]
    assert here.servers["mx.google.test"].commands == ["QUIT"]


async def test_the_first_server_that_cannot_be_reached_may_mean_more() -> None:
    servers = {"mx.dead.test": None, "mx.a.test": Script()}
    records = {("dead.test", "MX"): mx("mx.dead.test"), ("a.test", "MX"): mx("mx.a.test")}
    async with world(servers, records) as here:  # type: ignore[arg-type]
        before = await here.one("bob@dead.test")
        await here.one("bob@a.test")
        after = await here.one("bob@dead.test")
    assert "orbweave doctor" in before["reason"]
    assert "orbweave doctor" not in after["reason"]
