"""Websites on loopback: well-behaved ones from a table, hostile ones written byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from orbweave.net import NetSettings, Network
from orbweave.site import Crawler, CrawlRequest, Limits, Pace, SiteResult

Page = str | bytes | tuple[int, dict[str, str], bytes] | Callable[[web.Request], Awaitable[web.StreamResponse]]
Raw = Callable[[str, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


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
        self, url: str, *, limits: Limits = Limits(), pace: Pace = Pace(0, 2), **options: object
    ) -> SiteResult:
        settings = NetSettings(connect_to=(f":80:127.0.0.1:{self.port}",), allow_networks=("127.0.0.0/8",))
        async with Network(settings) as network:
            return await Crawler(network, limits, pace).crawl(CrawlRequest(url=url, **options))  # type: ignore[arg-type]


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
async def raw_internet() -> AsyncIterator[Callable[[Raw], Awaitable[Web]]]:
    """Start a server whose every answer is written by hand; robots.txt is a plain 404 unless ``robots`` is true."""
    async with AsyncExitStack() as stack:

        async def start(handle: Raw, *, robots: bool = False) -> Web:
            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                try:
                    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                    path = head.split(" ")[1]
                    if path == "/robots.txt" and not robots:
                        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    else:
                        await handle(path, reader, writer)
                    await writer.drain()
                except (ConnectionError, asyncio.IncompleteReadError):
                    pass
                finally:
                    writer.close()

            server = await asyncio.start_server(connected, "127.0.0.1", 0)
            stack.callback(server.close)
            return Web(port=server.sockets[0].getsockname()[1])

        yield start
