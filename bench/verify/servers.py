"""Name and mail servers on the ports where everybody expects them: ``python -m bench.verify.servers``.

For a network namespace of its own. Prints a line when it is ready; answers each line of its input with what was seen
since the last one, as JSON, and ends with it."""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import json
import socket
import struct
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.verify import world

_TTL = 300
# Thousands of questions at once must not be lost: that would measure the clients' patience.
_SO_RCVBUFFORCE = 33
_A, _MX = 1, 15
_DELAY = 0.05
"""Seconds that a slow server takes for each reply."""
_HELD = 8.0
"""Seconds that a recipient waits for its reply, so that many sessions are open at once."""


@dataclass
class Seen:
    """By domain; ``open`` are the sessions now, ``most_open`` the most of them at once; ``at_all``: of all domains."""

    mx: Counter[str] = field(default_factory=Counter)
    controls: Counter[str] = field(default_factory=Counter)
    recipients: Counter[str] = field(default_factory=Counter)
    forbidden: int = 0
    sessions: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    most_open: Counter[str] = field(default_factory=Counter)
    open_at_all: int = 0
    most_at_all: int = 0

    def opened(self, domain: str) -> None:
        self.sessions[domain] += 1
        self.open[domain] += 1
        self.most_open[domain] = max(self.most_open[domain], self.open[domain])
        self.open_at_all += 1
        self.most_at_all = max(self.most_at_all, self.open_at_all)

    def closed(self, domain: str) -> None:
        self.open[domain] -= 1
        self.open_at_all -= 1

    def report(self) -> dict[str, int]:
        for counts in (self.mx, self.controls, self.recipients, self.sessions):
            del counts[world.WARM_UP]

        def most(counts: Counter[str]) -> int:
            return max(counts.values(), default=0)

        return {
            "mx": self.mx.total(),
            "most_mx": most(self.mx),
            "controls": self.controls.total(),
            "most_controls": most(self.controls),
            "recipients": self.recipients.total(),
            "sessions": self.sessions.total(),
            "most_sessions": most(self.sessions),
            "most_at_once": most(self.most_open),
            "most_at_all": self.most_at_all,
            "forbidden": self.forbidden,
        }


# DNS


def dns_reply(query: bytes, seen: Seen) -> bytes:
    """The answer to one A or MX question; no records of any other kind."""
    labels, at = [], 12
    while size := query[at]:
        labels.append(query[at + 1 : at + 1 + size])
        at += 1 + size
    name = b".".join(labels).decode().lower()
    (kind,) = struct.unpack_from("!H", query, at + 1)
    question = query[12 : at + 5]
    known = world.mail_server(name) or world.address(name)
    records = []
    if kind == _MX:
        seen.mx[name] += 1
        if server := world.mail_server(name):
            records.append(struct.pack("!H", 10) + _wire_name(server))
    elif kind == _A and (address := world.address(name)):
        records.append(socket.inet_aton(address))
    answers = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, _TTL, len(data)) + data for data in records)
    flags = 0x8580 if known else 0x8583
    return query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + question + answers


def _wire_name(name: str) -> bytes:
    return b"".join(bytes((len(label),)) + label.encode() for label in name.split(".")) + b"\0"


class NameServer(asyncio.DatagramProtocol):
    def __init__(self, seen: Callable[[], Seen]) -> None:
        self._seen = seen

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._transport.sendto(dns_reply(data, self._seen()), addr)


# SMTP

_GREETING = b"220 mx.example ESMTP Postfix\r\n"
_EXTENSIONS = (
    b"250-mx.example\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-ETRN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n"
    b"250-DSN\r\n250-SMTPUTF8\r\n250 CHUNKING\r\n"
)


class MailServer(asyncio.Protocol):
    """Answers as a Postfix does. ``kind`` says what it does besides."""

    def __init__(self, kind: str, seen: Callable[[], Seen]) -> None:
        self._kind = kind
        self._seen = seen
        self._rest = b""
        self._domain = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        if self._kind != world.SILENT:
            self.reply(_GREETING)

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        answers = b"".join(map(self.obey, lines))
        if answers:
            self.reply(answers)

    def connection_lost(self, error: Exception | None) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._domain:
            self._seen().closed(self._domain)
            self._domain = ""

    def reply(self, data: bytes) -> None:
        if self._kind == world.SLOW:
            asyncio.get_running_loop().call_later(_DELAY, self._write, data)
        elif self._kind == world.HELD and b"250 2.1.5" in data:
            asyncio.get_running_loop().call_later(_HELD, self._write, data)
        else:
            self._write(data)

    def _write(self, data: bytes) -> None:
        self._transport.write(data)
        if data.startswith(b"221"):
            self._transport.close()

    def obey(self, line: bytes) -> bytes:
        match line[:4].upper():
            case b"EHLO":
                return _EXTENSIONS
            case b"HELO":
                return b"250 mx.example\r\n"
            case b"MAIL":
                return b"250 2.1.0 Ok\r\n"
            case b"RCPT":
                return self._recipient(line[line.index(b"<") + 1 : line.index(b">")].decode())
            case b"RSET" | b"NOOP":
                return b"250 2.0.0 Ok\r\n"
            case b"QUIT":
                self._leave()
                return b"221 2.0.0 Bye\r\n"
            case _:
                self._seen().forbidden += 1
                return b"502 5.5.2 Error: command not recognized\r\n"

    def _recipient(self, address: str) -> bytes:
        seen = self._seen()
        local, _, domain = address.partition("@")
        if not self._domain:
            self._domain = domain
            seen.opened(domain)
        seen.recipients[domain] += 1
        if world.is_control(local):
            seen.controls[domain] += 1
        if world.exists(local):
            return b"250 2.1.5 Ok\r\n"
        text = f"550 5.1.1 <{address}>: Recipient address rejected: User unknown in virtual mailbox table\r\n"
        return text.encode()


_LINES = b"250-" + b"x" * 120 + b"\r\n"


class HostileServer(MailServer):
    """One of ``world.HOSTILE_KINDS``: ``STEP-that-HOW``."""

    _task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ready = asyncio.Event()
        self._ready.set()
        match self._kind:
            case "endless-banner":
                self._begin(itertools.repeat(b"220-hello\r\n" * 1000))
            case "banner-without-end-of-line":
                self._begin(itertools.repeat(b"2" * 65536))
            case "banner-that-drips":
                self._begin(itertools.repeat(b"220-hello\r\n"), 1)
            case "banner-of-binary":
                self._begin(itertools.repeat(bytes(range(256)) * 256))
            case _:
                self._write(_GREETING)

    def obey(self, line: bytes) -> bytes:
        step = line[:4].upper()
        endless = {
            ("ehlo-without-end", b"EHLO"): (itertools.repeat(_LINES * 500), 0.0),
            ("ehlo-that-drips", b"EHLO"): (itertools.repeat(b"2"), 1.0),
            ("ehlo-of-100-kb-lines", b"EHLO"): (itertools.repeat(b"250-" + b"x" * 100_000 + b"\r\n"), 0.0),
            ("mail-that-floods", b"MAIL"): (itertools.repeat(b"250 2.1.0 Ok\r\n" * 5000), 0.0),
            ("recipient-that-floods", b"RCPT"): (itertools.repeat(b"250 2.1.5 Ok\r\n" * 5000), 0.0),
            ("recipient-that-drips", b"RCPT"): (itertools.repeat(b"250-2.1.5 Ok\r\n"), 1.0),
            ("tls-of-nonsense", b"STAR"): (iter([b"220 go\r\n", *[bytes(range(256)) * 64] * 1000]), 0.01),
        }
        if found := endless.get((self._kind, step)):
            self._begin(*found)
            return b""
        if self._kind == "slow-steps":
            asyncio.get_running_loop().call_later(1.0, self._write, super().obey(line))
            return b""
        if self._kind == "tls-of-nonsense" and step == b"EHLO":
            return b"250-mx.example\r\n250 STARTTLS\r\n"
        return super().obey(line)

    def _begin(self, data: Iterator[bytes], pause: float = 0.0) -> None:
        self._task = asyncio.create_task(self._pour(data, pause))

    async def _pour(self, data: Iterator[bytes], pause: float) -> None:
        for piece in data:
            await self._ready.wait()
            self._transport.write(piece)
            await asyncio.sleep(pause)

    def pause_writing(self) -> None:
        self._ready.clear()

    def resume_writing(self) -> None:
        self._ready.set()

    def connection_lost(self, error: Exception | None) -> None:
        if self._task is not None:
            self._task.cancel()


def _loopback_up() -> None:
    """A new namespace's loopback is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP


async def main() -> None:
    _loopback_up()
    loop = asyncio.get_running_loop()
    seen = Seen()
    questions = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    questions.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 23)
    questions.bind((world.NAME_SERVER, 53))
    await loop.create_datagram_endpoint(lambda: NameServer(lambda: seen), sock=questions)
    for address, kind in world.listening().items():
        server = HostileServer if kind in world.HOSTILE_KINDS else MailServer
        await loop.create_server(
            lambda server=server, kind=kind: server(kind, lambda: seen),  # type: ignore[misc]
            address,
            world.MAIL_PORT,
            backlog=4096,
        )
    print("ready", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(seen.report()), flush=True)
        seen = Seen()


if __name__ == "__main__":
    asyncio.run(main())
