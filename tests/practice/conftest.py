from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from orbweave.practice import Practice, PracticeSite


@pytest.fixture
async def practice() -> AsyncIterator[Callable[..., Awaitable[Practice]]]:
    """Starts a practice internet of the given sites, without latency; it stops at the end of the test."""
    running: list[Practice] = []

    async def start(*sites: PracticeSite, country: str | None = None, **options: Any) -> Practice:
        made = Practice(country, extra_sites=sites, **{"latency": 0.0, "slowness": 0.05, **options})
        await made.start()
        running.append(made)
        return made

    yield start
    for one in running:
        await one.stop()


class Browser:
    """An HTTP client that goes to the practice servers whatever the host, checks certificates, follows nothing."""

    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.tls = ssl.create_default_context(cafile=str(practice.authority.file))
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=_Loopback(), ssl=self.tls, limit=0), auto_decompress=True
        )

    def url(self, address: str) -> str:
        scheme, _, rest = address.partition("://")
        host, slash, path = rest.partition("/")
        port = self.practice.web.https_port if scheme == "https" else self.practice.web.http_port
        return f"{scheme}://{host}:{port}{slash}{path}"

    def get(self, address: str, **options: Any) -> Any:
        return self.session.get(self.url(address), allow_redirects=False, **options)

    async def text(self, address: str, **options: Any) -> str:
        async with self.get(address, **options) as response:
            return str(await response.text())


class _Loopback(AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=2, proto=0, flags=0)]

    async def close(self) -> None:
        pass


@pytest.fixture
async def browser() -> AsyncIterator[Callable[[Practice], Browser]]:
    opened: list[Browser] = []

    def open_(practice: Practice) -> Browser:
        opened.append(Browser(practice))
        return opened[-1]

    yield open_
    for one in opened:
        await one.session.close()


class MailClient:
    """One SMTP session, spoken line by line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int) -> MailClient:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def reply(self) -> str:
        """The last line of the next reply; empty when the server hung up."""
        while True:
            try:
                line = (await self.reader.readline()).decode()
            except ConnectionError:
                return ""
            if line[3:4] != "-":
                return line.rstrip()

    async def say(self, command: str) -> str:
        self.writer.write(f"{command}\r\n".encode())
        return await self.reply()

    async def ask(self, recipient: str, sender: str = "") -> str:
        """A whole session about one recipient; the reply to RCPT TO, or to what ended it earlier."""
        for expected, command in (("220", ""), ("250", "EHLO client.test"), ("250", f"MAIL FROM:<{sender}>")):
            reply = await (self.say(command) if command else self.reply())
            if not reply.startswith(expected):
                return reply
        reply = await self.say(f"RCPT TO:<{recipient}>")
        await self.quit()
        return reply

    async def quit(self) -> None:
        await self.say("QUIT")
        self.writer.close()


@pytest.fixture
def ask() -> Callable[..., Awaitable[str]]:
    async def ask_(practice: Practice, recipient: str, sender: str = "", kind: str = "") -> str:
        """``kind``: the behaviour whose own port is dialled; default the common one."""
        port = practice.mail.early_ports[kind] if kind else practice.mail.port
        return await (await MailClient.connect(port)).ask(recipient, sender)

    return ask_


@pytest.fixture
def mail_client() -> type[MailClient]:
    return MailClient
