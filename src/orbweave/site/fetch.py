"""One GET after another to servers that may do anything: every answer ends within its size and time, with a reason."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

import aiohttp
import yarl

from orbweave import net
from orbweave.net.gate import Gate, HeldOff
from orbweave.site import condition, urls
from orbweave.site.failures import FetchError, explained, of_status
from orbweave.site.limits import Limits, Pace
from orbweave.site.pages import PageStore, StoredPage
from orbweave.site.unpack import ACCEPTED, Broken, Unpacker

__all__ = ["Answer", "FetchError", "Fetcher"]

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ACCEPT = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
_MAX_RATIO = 100
_CHUNK = 64 * 1024
_ERROR_BYTES = 128 * 1024
_LONGEST_HOLD = 24 * 3600.0

_FAILURES = (FetchError, net.NetError, aiohttp.ClientError, ssl.SSLError, OSError, TimeoutError, ValueError)

Check = Callable[[str, str | None], Awaitable[None]]
Source = Literal["fetched", "cached", "not_modified"]


@dataclass(frozen=True, slots=True)
class Answer:
    """``url`` the one that answered, ``body`` decompressed, ``note`` says when it isn't whole; ``robots_tag`` the
    X-Robots-Tag header; ``source`` fetched, cached (kept from less than Limits.fresh_seconds ago, not asked for) or
    not_modified (kept, and the server says it still holds); ``to_keep`` what ``Fetcher.keep`` keeps of it."""

    url: str
    status: int
    content_type: str
    body: bytes
    note: str | None = None
    robots_tag: str = ""
    source: Source = "fetched"
    to_keep: StoredPage | None = None


class Fetcher:
    """``timeout`` seconds of work (not of waiting for our turn) that a page with all its redirects may take; ``delay``
    seconds between two requests, raised when robots.txt asks for it; ``received`` bytes so far, of all bodies."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        limits: Limits,
        gate: Gate,
        pace: Pace,
        timeout: float,
        pages: PageStore | None = None,
    ) -> None:
        self._session = session
        self._limits = limits
        self._gate = gate
        self._pace = pace
        self._pages = pages
        self.delay = pace.host_delay
        self.received = 0
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=min(limits.connect_seconds, timeout))
        self._seconds = timeout

    async def get(self, url: str, check: Check, max_bytes: int, *, pages_only: bool = False) -> Answer:
        """Follow redirects from ``url``. ``check(next_url, previous_url)`` is awaited before each hop and raises
        FetchError to stop. With ``pages_only`` the body of what isn't HTML is not read (outcome ``not_html``)."""
        kept = await self._pages.get(url) if self._pages is not None and pages_only else None
        if kept is not None and _age(kept) < self._limits.fresh_seconds:
            await check(url, None)
            if kept.final_url != url:
                await check(kept.final_url, url)
            return Answer(kept.final_url, kept.status, kept.content_type, kept.body, source="cached")
        asked = url
        seen: set[str] = set()
        previous: str | None = None
        left = self._seconds
        for _ in range(self._limits.redirects + 1):
            self._refuse(url)
            await check(url, previous)
            try:
                async with self._gate.turn(urls.site_key(url), self.delay, self._pace.host_connections):
                    started = time.monotonic()
                    answer = await self._hop(url, max_bytes, left, pages_only, asked, kept)
                    left -= time.monotonic() - started
            except HeldOff as held:
                raise _later(held.seconds) from None
            if isinstance(answer, Answer):
                return answer
            seen.add(url)
            previous, url = url, answer
            if url in seen:
                raise FetchError("redirect_loop", f"It redirects in a circle ({url}).")
        raise FetchError("too_many_redirects", f"It redirects more than {self._limits.redirects} times.")

    def _refuse(self, url: str) -> None:
        host = urls.host_of(url)
        if self._limits.never and any(host == one or host.endswith(f".{one}") for one in self._limits.never):
            raise FetchError("refused_host", f"{host} is on the list of hosts that are never asked.")
        port = urlsplit(url).port
        if port is not None and port < 1024 and port not in (80, 443):
            raise FetchError("refused_port", f"Port {port} is not one that websites use.")

    async def _hop(
        self, url: str, max_bytes: int, seconds: float, pages_only: bool, asked: str, kept: StoredPage | None
    ) -> Answer | str:
        """The answer, or where it redirects to."""
        if kept is not None and kept.final_url != url:
            kept = None
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                async with self._request(url, kept) as response:
                    _check_header(response, self._limits.header_bytes)
                    if response.status in REDIRECTS and (target := response.headers.get("Location")):
                        return _redirected(url, target)
                    if response.status == 304 and kept is not None:
                        answer = Answer(url, kept.status, kept.content_type, kept.body, source="not_modified")
                    else:
                        answer = await self._read(url, response, max_bytes, pages_only)
                    if pages_only and self._pages is not None:
                        return replace(answer, to_keep=_to_keep(asked, answer, response, kept))
                    return answer
        except _FAILURES as error:
            failure = explained(error, self._seconds, secure=url.startswith("https:"))
        if failure.status in (429, 503) and failure.retry_after:
            await self._gate.hold_off(urls.site_key(url), min(failure.retry_after, _LONGEST_HOLD))
        raise failure

    @contextlib.asynccontextmanager
    async def _request(self, url: str, kept: StoredPage | None) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = {"Accept": _ACCEPT, "Accept-Encoding": ACCEPTED}
        if kept is not None and kept.etag:
            headers["If-None-Match"] = kept.etag
        if kept is not None and kept.last_modified:
            headers["If-Modified-Since"] = kept.last_modified
        response = await self._session.get(
            yarl.URL(url, encoded=True),
            headers=headers,
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
            raise await self._error(response)
        if status >= 300:
            raise FetchError("bad_redirect", f"It redirects without saying where to ({status}).", status=status)
        kind = _header(response, "Content-Type") or ""
        if pages_only and not _may_be_page(kind):
            raise FetchError("not_html", f"It is not a web page but {kind.partition(';')[0].strip()}.", status=status)
        body, note = await self._body(response, max_bytes)
        if pages_only and not _looks_like_page(kind, body):
            raise FetchError("not_html", "It is not a web page.", status=status)
        return Answer(url, status, kind, body, note, ", ".join(response.headers.getall("X-Robots-Tag", ())))

    async def _error(self, response: aiohttp.ClientResponse) -> FetchError:
        """An answer of 400 or more. Its page is read, because it may say that only robots are refused, and because the
        connection can be used again then."""
        failure = of_status(response.status, response.headers.get("Retry-After", ""))
        body = b""
        with contextlib.suppress(FetchError, aiohttp.ClientError, OSError):
            body, _ = await self._body(response, _ERROR_BYTES)
        if response.status in (403, 429, 503) and (found := condition.of_error(body.decode("utf-8", "replace"))):
            failure.outcome, failure.reason = found.outcome, f"{found.reason[:-1]} ({response.status})."
        return failure

    async def _body(self, response: aiohttp.ClientResponse, max_bytes: int) -> tuple[bytes, str | None]:
        """The decompressed body, at most ``max_bytes``; what broke off is used as far as it came."""
        body = bytearray()
        note = None
        try:
            unpacker = Unpacker(response.headers.get("Content-Encoding", ""))
            async for chunk in response.content.iter_chunked(_CHUNK):
                body += unpacker.feed(chunk, max_bytes - len(body) + 1)
                if len(body) > max_bytes:
                    if len(body) > _MAX_RATIO * unpacker.used:
                        raise FetchError("bomb", "It unpacks to far more than it seems.", status=response.status)
                    note = f"Only its first {max_bytes:,} bytes were read."
                    break
        except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, OSError) as error:
            if not body or isinstance(error, TimeoutError):
                raise
            note = "The server broke off in the middle; what came was read."
        except Broken as error:
            if not body:
                raise FetchError("bad_encoding", str(error), status=response.status) from None
            note = "Its compression is broken; what could be unpacked was read."
        finally:
            self.received += len(body)
        return bytes(body[:max_bytes]), note

    async def keep(self, answer: Answer) -> None:
        """Keep a page that turned out to be one, for crawls that come later."""
        if self._pages is not None and answer.to_keep is not None:
            await self._pages.put(answer.to_keep)


def _to_keep(
    asked: str, answer: Answer, response: aiohttp.ClientResponse, kept: StoredPage | None
) -> StoredPage | None:
    """Only whole pages, and none whose X-Robots-Tag sets conditions: it isn't kept with them."""
    if answer.note or answer.robots_tag:
        return None
    still = kept if answer.source == "not_modified" else None
    return StoredPage(
        asked,
        answer.url,
        answer.status,
        answer.content_type,
        answer.body,
        datetime.now(UTC),
        _header(response, "ETag") or (still.etag if still else None),
        _header(response, "Last-Modified") or (still.last_modified if still else None),
    )


def _header(response: aiohttp.ClientResponse, name: str) -> str | None:
    # Servers send bytes beyond ASCII, which arrive as surrogates.
    value = response.headers.get(name)
    return value if value is None or value.isascii() else _readable(value)


def _readable(value: str) -> str:
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _age(page: StoredPage) -> float:
    return (datetime.now(UTC) - page.fetched_at).total_seconds()


def _later(seconds: float) -> FetchError:
    return FetchError("retry_later", f"The site asked to be left alone for {seconds:.0f} s more.", retry_after=seconds)


def _check_header(response: aiohttp.ClientResponse, most: int) -> None:
    if sum(len(name) + len(value) + 4 for name, value in response.raw_headers) > most:
        raise FetchError("bad_http", f"Its header is larger than {most:,} bytes.", status=response.status)


def _redirected(url: str, target: str) -> str:
    target = _readable(target)
    found = urls.canonical(target, url)
    if found is None:
        raise FetchError("bad_redirect", f"It redirects to {target[:100]!r}, which is not a web address.")
    return found


def _may_be_page(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("", "text/html", "application/xhtml+xml", "text/plain", "application/octet-stream") or (
        kind.endswith(("xml", "html")) or kind == "unknown/unknown"
    )


def _looks_like_page(content_type: str, body: bytes) -> bool:
    head = body[:1024].lstrip().lower()
    if head.startswith((b"%pdf", b"pk\x03\x04", b"\x89png", b"\xff\xd8\xff", b"gif8", b"id3", b"rar!", b"\x1f\x8b")):
        return False
    if head[4:8] == b"ftyp":
        return False
    if "html" in content_type.lower():
        return True
    compact = head.replace(b"\x00", b"")
    return b"<html" in compact or b"<!doctype html" in compact or b"<body" in compact or b"<head" in compact
