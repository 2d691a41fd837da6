"""Hosts that keep a crawler busy: ``python -m bench.site.hostile`` prints its port and ends with its input.

``stuck.*`` takes connections and says nothing. ``hostile.*`` has links without end to pages that are as large, as deep,
as packed and as slow as a limit allows."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


@cache
def _pages() -> tuple[bytes, ...]:
    links = "".join(f'<p><a href="/kontakt/{n}?page={n}">Kontakt {n}</a> call 0{n} {n} {n}</p>' for n in range(2_000))
    huge = ("<p>" + "a.b-c@" * 200 + "x 12345 67 89 (at) (dot) </p>") * 3_500
    script = "<script>" + 'var a="x"+"@"+' * 150_000 + "</script>"
    packed = gzip.compress(b"<p>0</p>" * 10_000_000, 1)
    return (links.encode(), huge.encode(), b"<div>" * 100_000, packed, script.encode())


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
        while True:
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            if "host: stuck." in request.lower():
                await asyncio.sleep(3600)
            await _answer(writer, request)


async def _answer(writer: asyncio.StreamWriter, request: str) -> None:
    path = request.split(" ", 2)[1]
    if path == "/robots.txt":
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        return
    pages = _pages()
    number = sum(path.encode()) % (len(pages) + 2) if path != "/" else 0
    if number == len(pages):
        # A body that drips.
        writer.write(f"{_HEAD}Connection: close\r\n\r\n".encode())
        for _ in itertools.repeat(None):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(1)
    elif number == len(pages) + 1:
        # One without end.
        writer.write(f"{_HEAD}Connection: close\r\n\r\n".encode())
        for _ in itertools.repeat(None):
            writer.write(pages[0])
            await writer.drain()
    else:
        packed = "Content-Encoding: gzip\r\n" if number == 3 else ""
        body = pages[number]
        writer.write(f"{_HEAD}{packed}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()


@asynccontextmanager
async def hostile_server() -> AsyncIterator[int]:
    """The port of one that runs until the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.site.hostile", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


async def main() -> None:
    _pages()
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
