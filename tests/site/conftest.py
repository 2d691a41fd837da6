"""Websites on loopback: well-behaved ones from a table, hostile ones written byte by byte."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pytest
from aiohttp import web

from orbweave.net import NetSettings, Network
from orbweave.practice.dns import DnsServer
from orbweave.practice.log import Log
from orbweave.site import Crawler, CrawlRequest, Limits, Pace, SiteResult

Page = str | bytes | tuple[int, dict[str, str], bytes] | Callable[[web.Request], Awaitable[web.StreamResponse]]
Raw = Callable[[str, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ByHand = Callable[..., Awaitable["Web"]]


@dataclass
class Web:
    """``pages``: "host/path" -> answer (text is HTML, status 200); what is missing is 404. ``asked`` what was
    requested, in order. Every host name leads here, on port 80."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        key = f"{request.host}{request.path_qs}"
        self.asked.append(key)
        page = self.pages.get(key)
        if page is None:
            return web.Response(status=404)
        if isinstance(page, str):
            return web.Response(text=page, content_type="text/html")
        if isinstance(page, bytes):
            return web.Response(body=page, headers={"Content-Type": "text/html"})
        if isinstance(page, tuple):
            status, headers, body = page
            return web.Response(status=status, headers={"Content-Type": "text/html", **headers}, body=body)
        return await page(request)

    async def crawl(
        self,
        url: str,
        *,
        limits: Limits = Limits(),
        pace: Pace = Pace(0, 2),
        net: NetSettings | None = None,
        crawler: Mapping[str, Any] = MappingProxyType({}),
        **options: Any,
    ) -> SiteResult:
        """``net`` instead of settings that lead every name on port 80 here; ``crawler`` more for a Crawler."""
        net = net or NetSettings(connect_to=(f":80:127.0.0.1:{self.port}",), allow_networks=("127.0.0.0/8",))
        async with Network(net) as network:
            return await Crawler(network, limits, pace, **crawler).crawl(CrawlRequest(url=url, **options))


@pytest.fixture
async def internet() -> AsyncIterator[Web]:
    table = Web()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", table.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    table.port = runner.addresses[0][1]
    yield table
    await runner.cleanup()


@pytest.fixture
async def raw_internet() -> AsyncIterator[ByHand]:
    """Start a server whose every answer is written by hand; robots.txt is a plain 404 unless ``robots`` is true."""
    async with AsyncExitStack() as stack:

        async def start(
            handle: Raw,
            *,
            robots: bool = False,
            tls: ssl.SSLContext | None = None,
            host: str = "127.0.0.1",
            port: int = 0,
        ) -> Web:
            web = Web()

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                try:
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                    path = head.split(" ")[1]
                    web.asked.append(path)
                    if path == "/robots.txt" and not robots:
                        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    else:
                        await handle(path, reader, writer)
                    await writer.drain()
                except (ConnectionError, asyncio.IncompleteReadError):
                    pass
                finally:
                    writer.close()

            server = await asyncio.start_server(connected, host, port, ssl=tls)
            stack.callback(server.close)
            web.port = server.sockets[0].getsockname()[1]
            return web

        yield start


@pytest.fixture
async def names() -> AsyncIterator[DnsServer]:
    """A name server; fill its ``zone``. What it says is never remembered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orbweave.practice.dns.TTL", 0)
        server = DnsServer({}, Log())
        await server.start()
        yield server
        await server.stop()
