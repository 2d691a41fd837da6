"""One GET after another to servers that may do anything: every answer ends within its size and time, with a reason."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
import brotli
import yarl

from orbweave import net
from orbweave.site import urls
from orbweave.site.gate import Gate
from orbweave.site.limits import Limits, Pace

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
_MAX_RATIO = 100
_CHUNK = 64 * 1024


class FetchError(Exception):
    """``outcome`` is one word for machines, ``reason`` a sentence for people, ``status`` the HTTP status if there was
    one, ``retry_after`` seconds the server asked for."""

    def __init__(
        self, outcome: str, reason: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.outcome, self.reason, self.status, self.retry_after = outcome, reason, status, retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """``url`` the one that answered, ``body`` decompressed, ``note`` says when it isn't whole."""

    url: str
    status: int
    content_type: str
    body: bytes
    note: str | None = None


class Fetcher:
    """``timeout`` seconds of work (not of waiting for our turn) that a page with all its redirects may take; ``delay``
    seconds between two requests, raised when robots.txt asks for it."""

    def __init__(self, session: aiohttp.ClientSession, limits: Limits, gate: Gate, pace: Pace, timeout: float) -> None:
        self._session = session
        self._limits = limits
        self._gate = gate
        self._pace = pace
        self.delay = pace.host_delay
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=min(limits.connect_seconds, timeout))
        self._seconds = timeout

    async def get(
        self, url: str, check: Callable[[str, str | None], Awaitable[None]], max_bytes: int, *, pages_only: bool = False
    ) -> Answer:
        """Follow redirects from ``url``. ``check(next_url, previous_url)`` is awaited before each hop and raises
        FetchError to stop. With ``pages_only`` the body of what isn't HTML is not read (outcome ``not_html``)."""
        seen: set[str] = set()
        previous: str | None = None
        left = self._seconds
        for _ in range(self._limits.redirects + 1):
            await check(url, previous)
            async with self._gate.turn(urls.site_key(url), self.delay, self._pace.host_connections):
                started = time.monotonic()
                answer = await self._hop(url, max_bytes, left, pages_only)
                left -= time.monotonic() - started
            if isinstance(answer, Answer):
                return answer
            seen.add(url)
            previous, url = url, answer
            if url in seen:
                raise FetchError("redirect_loop", f"It redirects in a circle ({url}).")
        raise FetchError("too_many_redirects", f"It redirects more than {self._limits.redirects} times.")

    async def _hop(self, url: str, max_bytes: int, seconds: float, pages_only: bool) -> Answer | str:
        """The answer, or where it redirects to."""
        _check_port(url)
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                async with self._request(url) as response:
                    if response.status in REDIRECTS and (target := response.headers.get("Location")):
                        return _redirected(url, target)
                    return await self._read(url, response, max_bytes, pages_only)
        except FetchError:
            raise
        except TimeoutError:
            raise FetchError("timeout", f"No answer within {self._seconds:g} s.") from None
        except net.AddressRefused as error:
            raise FetchError("refused_address", str(error)) from None
        except net.NameNotFound as error:
            raise FetchError("name_not_found", str(error)) from None
        except net.ContactMissing as error:
            raise FetchError("no_contact", str(error)) from None
        except net.NetError as error:
            raise FetchError("name_unavailable", str(error)) from None
        except (ssl.SSLError, aiohttp.ClientConnectorSSLError, aiohttp.ClientConnectorCertificateError) as error:
            raise FetchError("tls", f"The secure connection failed: {_tls_reason(error)}.") from None
        except aiohttp.ClientConnectorError as error:
            raise FetchError("connection", f"No connection: {error.os_error.strerror or error.os_error}.") from None
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, aiohttp.ClientOSError, OSError):
            raise FetchError("dropped", "The server closed the connection before it had answered.") from None
        except (aiohttp.ClientError, ValueError) as error:
            raise FetchError("bad_http", f"The answer is not valid HTTP ({_short(error)}).") from None

    @contextlib.asynccontextmanager
    async def _request(self, url: str) -> AsyncIterator[aiohttp.ClientResponse]:
        response = await self._session.get(
            yarl.URL(url, encoded=True),
            headers={"Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate, br"},
            allow_redirects=False,
            auto_decompress=False,
            timeout=self._timeout,
        )
        try:
            yield response
        finally:
            # What was not read to its end is not worth waiting for.
            response.release() if response.content.at_eof() else response.close()

    async def _read(self, url: str, response: aiohttp.ClientResponse, max_bytes: int, pages_only: bool) -> Answer:
        status = response.status
        if status >= 400:
            raise FetchError(
                "blocked" if status in (401, 403, 429) else "http_error",
                _status_reason(status),
                status=status,
                retry_after=_retry_after(response.headers.get("Retry-After", "")),
            )
        kind = response.headers.get("Content-Type", "")
        if pages_only and not _may_be_page(kind):
            raise FetchError("not_html", f"It is not a web page but {kind.partition(';')[0].strip()}.", status=status)
        body, note = await self._body(response, max_bytes)
        if pages_only and not _looks_like_page(kind, body):
            raise FetchError("not_html", "It is not a web page.", status=status)
        return Answer(url, status, kind, body, note)

    async def _body(self, response: aiohttp.ClientResponse, max_bytes: int) -> tuple[bytes, str | None]:
        """The decompressed body, at most ``max_bytes``; what broke off is used as far as it came."""
        decoders = list(_decoders(response.headers.get("Content-Encoding", "")))
        body, received = bytearray(), 0
        note = None
        try:
            async for chunk in response.content.iter_chunked(_CHUNK):
                received += len(chunk)
                body += _decoded(decoders, chunk, max_bytes - len(body) + 1)
                if len(body) > max_bytes:
                    if len(body) > _MAX_RATIO * (received - sum(decoder.held for decoder in decoders[:1])):
                        raise FetchError("bomb", "It unpacks to far more than it seems.", status=response.status)
                    note = f"Only its first {max_bytes:,} bytes were read."
                    break
        except (aiohttp.ClientPayloadError, aiohttp.ClientOSError, aiohttp.ServerDisconnectedError, OSError):
            if not body:
                raise
            note = "The server broke off in the middle; what came was read."
        except (zlib.error, brotli.error):
            if not body:
                raise FetchError("bad_encoding", "Its compression is broken.", status=response.status) from None
            note = "Its compression is broken; what could be unpacked was read."
        return bytes(body[:max_bytes]), note


class _Decoder(Protocol):
    @property
    def held(self) -> int:
        """Bytes taken and not yet unpacked."""
        ...

    def feed(self, data: bytes, limit: int) -> bytes: ...


class _Inflate:
    """gzip, zlib, and the raw deflate that some servers send in its place."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inflate = zlib.decompressobj(window)
        self._started = False

    @property
    def held(self) -> int:
        return len(self._inflate.unconsumed_tail)

    def feed(self, data: bytes, limit: int) -> bytes:
        try:
            found = self._inflate.decompress(data, limit)
        except zlib.error:
            if self._started or self._window != zlib.MAX_WBITS:
                raise
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            found = self._inflate.decompress(data, limit)
        self._started = True
        return found


class _Brotli:
    held = 0

    def __init__(self) -> None:
        self._brotli = brotli.Decompressor()

    def feed(self, data: bytes, limit: int) -> bytes:
        found: bytes = self._brotli.process(data, output_buffer_limit=limit)
        return found


def _decoders(encoding: str) -> Iterator[_Decoder]:
    """In the order they must be undone; more than two are somebody's joke."""
    names = [name.strip().lower() for name in encoding.split(",") if name.strip().lower() not in ("", "identity")]
    if len(names) > 2:
        raise FetchError("bad_encoding", "It is compressed several times over.")
    for name in reversed(names):
        if name in ("gzip", "x-gzip"):
            yield _Inflate(zlib.MAX_WBITS | 16)
        elif name == "deflate":
            yield _Inflate(zlib.MAX_WBITS)
        elif name == "br":
            yield _Brotli()
        else:
            raise FetchError("bad_encoding", f"It is compressed in a way that was not asked for ({name[:20]}).")


def _decoded(decoders: list[_Decoder], data: bytes, limit: int) -> bytes:
    # A chunk that unpacks to more than ``limit`` ends the download, so what the decoder keeps back is never missed.
    for decoder in decoders:
        data = decoder.feed(data, limit)
    return data


def _redirected(url: str, target: str) -> str:
    # Servers send raw UTF-8 here, which arrives as surrogates.
    target = target.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    found = urls.canonical(target, url)
    if found is None:
        raise FetchError("bad_redirect", f"It redirects to {target[:100]!r}, which is not a web address.")
    return found


def _check_port(url: str) -> None:
    port = urlsplit(url).port
    if port is not None and port < 1024 and port not in (80, 443):
        raise FetchError("refused_port", f"Port {port} is not one that websites use.")


def _may_be_page(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("", "text/html", "application/xhtml+xml", "text/plain", "application/octet-stream") or (
        kind.endswith(("xml", "html")) or kind == "unknown/unknown"
    )


def _looks_like_page(content_type: str, body: bytes) -> bool:
    head = body[:1024].lstrip().lower()
    if head.startswith((b"%pdf", b"pk\x03\x04", b"\x89png", b"\xff\xd8\xff", b"gif8", b"id3", b"rar!", b"\x1f\x8b")):
        return False
    if "html" in content_type.lower():
        return True
    compact = head.replace(b"\x00", b"")
    return b"<html" in compact or b"<!doctype html" in compact or b"<body" in compact or b"<head" in compact


def _status_reason(status: int) -> str:
    known = {
        401: "It asks for a password (401).",
        403: "The server refuses robots or this address (403).",
        404: "There is no such page (404).",
        410: "The page is gone (410).",
        429: "The server says that these are too many requests (429).",
        503: "The server is not available now (503).",
    }
    return known.get(status, f"The server answered with an error ({status}).")


def _retry_after(value: str) -> float | None:
    return float(value) if value.strip().isdecimal() and len(value) < 7 else None


def _tls_reason(error: Exception) -> str:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    return str(getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or cause)[:150].rstrip(".")


def _short(error: Exception) -> str:
    return " ".join((getattr(error, "message", "") or str(error) or type(error).__name__).split())[:100]
