"""What hostile websites do instead of answering. Each is bounded: nothing runs longer than ``seconds``."""

from __future__ import annotations

import asyncio
import contextlib
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import cache

import brotli
from aiohttp import web

from orbweave.practice.pages import BANNER_MADE_UP
from orbweave.practice.sites import PracticeSite

Responder = Callable[[web.BaseRequest, PracticeSite, float], Awaitable[web.StreamResponse]]

_MEGABYTE = 1 << 20
_BOMB_MEGABYTES = 200
_ENDLESS_MEGABYTES = 64
_DRIP_PAUSE = 0.25

_PAGE = f'<!doctype html><html lang="en"><head><title>Practice</title></head><body><p>{BANNER_MADE_UP}</p>'


def page(body: str) -> web.Response:
    return web.Response(text=f"{_PAGE}{body}</body></html>", content_type="text/html", charset="utf-8")


async def slow_body(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    async def drip() -> AsyncIterator[bytes]:
        for byte in _PAGE.encode() * 20:
            yield bytes([byte])
            await asyncio.sleep(_DRIP_PAUSE)

    return await _stream(request, drip(), seconds)


async def endless_body(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    async def fill() -> AsyncIterator[bytes]:
        yield _PAGE.encode()
        for _ in range(_ENDLESS_MEGABYTES * 16):
            yield b"<p>more and more and more</p>\n" * 2048
            await asyncio.sleep(0)

    return await _stream(request, fill(), seconds)


async def drop(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    return _cut(request, b"")


async def drop_in_body(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    start = _PAGE.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(start) * 10}\r\n\r\n".encode()
    return _cut(request, head + start)


async def wrong_length(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    body = _PAGE.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body) + 5}\r\n\r\n".encode()
    return _cut(request, head + body, gently=True)


async def header_flood(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    transport = request.transport
    deadline = time.monotonic() + seconds
    if transport is not None:
        transport.write(b"HTTP/1.1 200 OK\r\n")
    for n in range(20_000):
        if transport is None or transport.is_closing() or time.monotonic() > deadline:
            break
        transport.write(f"X-Practice-{n}: {'x' * 500}\r\n".encode())
        await asyncio.sleep(0)
    return _cut(request, b"")


async def no_headers(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    return _cut(request, _PAGE.encode() + b"</body></html>", gently=True)


async def redirect_loop(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    return _redirect("/b" if request.path != "/b" else "/a")


async def redirect_endless(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    step = request.path.removeprefix("/step/")
    return _redirect(f"/step/{int(step) + 1 if step.isdigit() else 1}")


async def redirect(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    return _redirect(site.web_behaviour.location)


async def status(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    behaviour = site.web_behaviour
    response = page(f"<h1>{behaviour.status}</h1><script>practice()</script>")
    response.set_status(behaviour.status)
    if behaviour.retry_after:
        response.headers["Retry-After"] = str(behaviour.retry_after)
    return response


async def huge_page(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    async def fill() -> AsyncIterator[bytes]:
        yield _PAGE.encode()
        for _ in range(12 * 16):
            yield b"<p>a line of no interest to anyone</p>" * 1724
            await asyncio.sleep(0)

    return await _stream(request, fill(), seconds)


async def gzip_bomb(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    return _encoded("gzip", await asyncio.to_thread(_gzip_bomb))


async def brotli_bomb(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    return _encoded("br", await asyncio.to_thread(_brotli_bomb))


async def link_farm(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    base = request.path.rstrip("/")
    return page("".join(f'<a href="{base}/{n}">contact {n}</a>' for n in range(20_000)))


async def calendar(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    month = request.query.get("month", "0")
    after = int(month) + 1 if month.isdigit() else 1
    return page(f'<p>Month {after - 1}</p><a href="/trap?month={after}">next</a><a href="/trap/{after}">day</a>')


async def soft_404(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    return page('<p>The page was not found.</p><a href="/contact-us">Contact</a><a href="/about-us">About</a>')


async def deep_nesting(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    return page("<div>" * 100_000)


async def nul_bytes(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    body = _PAGE.encode() + b"\0\xff\xfe\xc3(" * 20_000
    return web.Response(body=body, headers={"Content-Type": "text/html; charset=utf-8"})


async def regex_killer(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    return page("<p>" + "a." * 100_000 + "@" + "-a" * 100_000 + "</p><p>" + "+423 " * 50_000 + "</p>" + "a@" * 100_000)


async def binary(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    body = b"%PDF-1.7\n" + bytes(range(256)) * 400
    return web.Response(body=body, headers={"Content-Type": "text/html"})


async def javascript_only(request: web.BaseRequest, site: PracticeSite, seconds: float) -> web.StreamResponse:
    return page('<div id="root"></div><noscript>This site needs JavaScript.</noscript><script src="/app.js"></script>')


RESPONDERS: Mapping[str, Responder] = {
    responder.__name__: responder
    for responder in (
        slow_body,
        endless_body,
        drop,
        drop_in_body,
        wrong_length,
        header_flood,
        no_headers,
        redirect_loop,
        redirect_endless,
        redirect,
        status,
        huge_page,
        gzip_bomb,
        brotli_bomb,
        link_farm,
        calendar,
        soft_404,
        deep_nesting,
        nul_bytes,
        regex_killer,
        binary,
        javascript_only,
    )
}


def _redirect(location: str) -> web.Response:
    return web.Response(status=302, headers={"Location": location})


def _encoded(encoding: str, body: bytes) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": "text/html", "Content-Encoding": encoding})


def _cut(request: web.BaseRequest, data: bytes, *, gently: bool = False) -> web.Response:
    """Sends ``data`` as it is and ends the connection, with a reset unless ``gently``; the result goes nowhere."""
    transport = request.transport
    if transport is not None:
        transport.write(data)
        if gently:
            transport.close()
        else:
            transport.abort()
    return web.Response()


async def _stream(request: web.BaseRequest, chunks: AsyncIterator[bytes], seconds: float) -> web.StreamResponse:
    """A chunked page, cut off after ``seconds``."""
    response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    deadline = time.monotonic() + seconds
    with contextlib.suppress(ConnectionError):  # they have had enough
        async for chunk in chunks:
            if time.monotonic() > deadline:
                return _cut(request, b"")
            await response.write(chunk)
        await response.write_eof()
    return response


def _filler() -> Iterator[bytes]:
    yield _PAGE.encode()
    block = b"<p>nothing</p>" * (_MEGABYTE // 14)
    for _ in range(_BOMB_MEGABYTES):
        yield block


@cache
def _gzip_bomb() -> bytes:
    packer = zlib.compressobj(level=9, wbits=zlib.MAX_WBITS | 16)
    return b"".join(map(packer.compress, _filler())) + packer.flush()


@cache
def _brotli_bomb() -> bytes:
    packer = brotli.Compressor(quality=4)
    return b"".join(map(packer.process, _filler())) + bytes(packer.finish())
