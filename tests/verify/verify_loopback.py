"""Mail servers and a name server on loopback that do as they are told, and a Verifier that reaches only them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dnslib import AAAA, CNAME, MX, QTYPE, RCODE, RR, A, DNSRecord

from orbweave.net import NetSettings, Network
from orbweave.verify import Verdict, Verifier, VerifyOptions
from orbweave.verify.pace import Pace

DROP = object()  # close the connection
HANG = object()  # say nothing, ever
NO_USER = "550 5.1.1 User unknown"
OK = "250 2.1.5 OK"
DEAD_PORT = 1


@dataclass(frozen=True)
class Drip:
    """One byte at a time, for ever."""

    byte: bytes = b"2"
    pause: float = 0.02


@dataclass(frozen=True)
class Slow:
    seconds: float
    reply: str


@dataclass
class Script:
    """What a server says to each step. A list says its items in turn, the last for ever. ``rcpt`` by local part, "*"
    for all others."""

    banner: Any = "220 mx.test ESMTP"
    ehlo: Any = "250-mx.test\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES"
    helo: Any = "250 mx.test"
    mail: Any = "250 2.1.0 OK"
    rcpt: dict[str, Any] = field(default_factory=lambda: {"*": NO_USER})
    rset: Any = "250 2.0.0 OK"
    starttls: Any = "220 2.0.0 Ready"
    quit: Any = "221 2.0.0 Bye"
    tls: ssl.SSLContext | None = None


class MailServer:
    """``sessions`` holds each connection's commands; ``most`` the largest number of connections open at once."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.sessions: list[list[str]] = []
        self.most = self.open = 0
        self._turns: dict[int, int] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self.port = 0

    @property
    def commands(self) -> list[str]:
        return [command for session in self.sessions for command in session]

    async def __aenter__(self) -> MailServer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.open += 1
        self.most = max(self.most, self.open)
        commands: list[str] = []
        self.sessions.append(commands)
        try:
            await self._say(reader, writer, self.script.banner)
            while line := await reader.readline():
                command = line.decode().rstrip("\r\n")
                commands.append(command)
                await self._say(reader, writer, self._answer(command))
                if command == "STARTTLS" and self.script.tls is not None:
                    await writer.start_tls(self.script.tls)
                if command == "QUIT":
                    break
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            writer.close()

    def _answer(self, command: str) -> Any:
        verb = command.split(" ")[0].split(":")[0].upper()
        script = self.script
        if verb == "RCPT":
            local = command.partition("<")[2].rpartition("@")[0]
            return script.rcpt.get(local, script.rcpt.get("*", NO_USER))
        return {
            "EHLO": script.ehlo,
            "HELO": script.helo,
            "MAIL": script.mail,
            "RSET": script.rset,
            "STARTTLS": script.starttls,
            "QUIT": script.quit,
        }.get(verb, "502 5.5.2 No such command")

    async def _say(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, what: Any) -> None:
        if isinstance(what, list):
            turn = self._turns.get(id(what), 0)
            self._turns[id(what)] = turn + 1
            what = what[min(turn, len(what) - 1)]
        if what is DROP:
            writer.close()
            raise ConnectionResetError
        if what is HANG:
            await reader.read()
            raise ConnectionResetError
        if isinstance(what, Slow):
            await asyncio.sleep(what.seconds)
            what = what.reply
        if isinstance(what, Drip):
            while True:
                writer.write(what.byte)
                await writer.drain()
                await asyncio.sleep(what.pause)
        writer.write(what if isinstance(what, bytes) else f"{what}\r\n".encode())
        await writer.drain()


class NameServer(asyncio.DatagramProtocol):
    """Answers from ``records``: (name, "MX" | "A" | "AAAA" | "CNAME") -> list of dnslib values; under (name, "*") an
    RCODE's name for the whole name, "silent", or "truncated" for answers that only fit TCP. Unknown names are NXDOMAIN.
    ``asked`` holds the questions, ``tcp`` those that came by TCP."""

    def __init__(self, records: dict[tuple[str, str], Any]) -> None:
        self.records = records
        self.asked: list[tuple[str, str]] = []
        self.tcp: list[tuple[str, str]] = []
        self.port = 0

    async def __aenter__(self) -> NameServer:
        loop = asyncio.get_running_loop()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", self.port))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = DNSRecord.parse(await reader.readexactly(int.from_bytes(await reader.readexactly(2))))
                self.tcp.append((str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]))
                packet = self._reply(request).pack()
                writer.write(len(packet).to_bytes(2) + packet)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def datagram_received(self, data: bytes, address: Any) -> None:
        request = DNSRecord.parse(data)
        name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]
        self.asked.append((name, kind))
        how = self.records.get((name, "*"))
        if how != "silent":
            reply = self._reply(request)
            if how == "truncated":
                reply = request.reply()
                reply.header.tc = 1
            self._transport.sendto(reply.pack(), address)

    def _reply(self, request: DNSRecord) -> DNSRecord:
        reply = request.reply()
        name, kind = str(request.q.qname).rstrip(".").lower(), QTYPE[request.q.qtype]
        code = self.records.get((name, "*"))
        if code not in (None, "truncated"):
            reply.header.rcode = getattr(RCODE, code)
            return reply
        while alias := self.records.get((name, "CNAME")):
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=alias[0], ttl=300))
            name = str(alias[0]).rstrip(".")
        if not any(known == name for known, _ in self.records):
            reply.header.rcode = RCODE.NXDOMAIN
        for value in self.records.get((name, kind), []):
            reply.add_answer(RR(name, request.q.qtype, rdata=value, ttl=300))
        return reply


def mx(*hosts: str, preference: int | None = None) -> list[MX]:
    """MX records of rising preference, or all of the same one."""
    return [MX(host, preference or 10 * i) for i, host in enumerate(hosts, 1)]


@dataclass
class World:
    verifier: Verifier
    network: Network
    names: NameServer
    servers: dict[str, MailServer]
    options: VerifyOptions

    async def ask(self, *emails: str) -> list[Verdict]:
        return await self.verifier.check_domain(emails, self.options)

    async def one(self, email: str) -> dict[str, Any]:
        return (await self.ask(email))[0].data()


@asynccontextmanager
async def world(
    servers: Mapping[str, Script | None] | None = None,
    records: dict[tuple[str, str], Any] | None = None,
    timeout: float = 5.0,
    **options: Any,
) -> AsyncIterator[World]:
    """``servers`` by MX name, each on a port of its own, None for one that is down; without ``records`` they are those
    of a.test, in order. Names that the records know are looked up."""
    servers = servers if servers is not None else {"mx.a.test": Script()}
    records = records if records is not None else {("a.test", "MX"): mx(*servers)}
    async with AsyncExitStack() as stack:
        running = {
            name: await stack.enter_async_context(MailServer(script)) for name, script in servers.items() if script
        }
        names = await stack.enter_async_context(NameServer(records))
        settings = NetSettings(
            nameservers=(f"127.0.0.1:{names.port}",),
            connect_to=tuple(
                f"{name}:25:{'' if {(name, 'A'), (name, 'CNAME')} & records.keys() else '127.0.0.1'}:{port}"
                for name, port in {
                    **{name: server.port for name, server in running.items()},
                    **{name: DEAD_PORT for name, script in servers.items() if script is None},
                }.items()
            ),
            allow_networks=("127.0.0.0/8",),
        )
        network = await stack.enter_async_context(Network(settings))
        yield World(
            Verifier(network, pace=Pace(delay=0)),
            network,
            names,
            running,
            VerifyOptions(smtp_timeout_secs=timeout, hello_name="probe.test", **options),
        )


def address(*values: str) -> list[Any]:
    return [AAAA(value) if ":" in value else A(value) for value in values]


def spoken(said: Any, step: float) -> Any:
    """What behaviours.yaml says a server says, for a Script; ``step`` seconds is what a client waits."""
    if isinstance(said, list):
        return [spoken(one, step) for one in said]
    text = str(said)
    how, _, rest = text.partition(" ")
    match how:
        case "(drop)":
            return DROP
        case "(hang)":
            return HANG
        case "(drip)":
            return Drip()
        case "(slow)":
            return Slow(1.5 * step, rest)
        case "(raw)":
            return rest.encode()
        case "(lf)":
            return f"{rest}\n".encode()
        case "(long)":
            return b"250 " + b"x" * 100_000
        case "(endless)":
            return b"250-x\r\n" * 3000
        case "(binary)":
            return bytes(range(256)) + b"\r\n"
    return text.replace("\n", "\r\n")


def record(kind: str, value: str) -> Any:
    """A DNS value as behaviours.yaml writes it."""
    match kind:
        case "MX":
            preference, _, host = value.partition(" ")
            return MX(host, int(preference))
        case "CNAME":
            return CNAME(value)
        case _:
            return address(value)[0]
