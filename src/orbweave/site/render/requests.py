"""What a page being rendered asks for: decided, fetched by us over checked addresses, kept for the site's next page."""

from __future__ import annotations

import asyncio
import base64
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Literal
from urllib.parse import urlsplit

import aiohttp
import yarl

from orbweave import net
from orbweave.site import urls

MAX_URL = 8192

_FETCHED = frozenset({"Script", "XHR", "Fetch"})
# A style sheet that fails can keep a bundler's modules from being run; what is in it is of no use here.
_EMPTY = frozenset({"Stylesheet"})
_KEPT_HEADERS = ("content-type", "location")
_OWN_HEADERS = frozenset(
    ["accept-encoding", "connection", "content-length", "cookie", "host", "te", "upgrade", "user-agent"]
)
_OWN_PREFIXES = ("sec-", "proxy-", "access-control-", "upgrade")


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    def parameters(self) -> dict[str, Any]:
        """As ``Fetch.fulfillRequest`` takes it."""
        return {
            "responseCode": self.status,
            "responseHeaders": [{"name": name, "value": value} for name, value in self.headers.items()],
            "body": base64.b64encode(self.body).decode(),
        }


@dataclass(frozen=True, slots=True)
class Request:
    """``kind`` is the protocol's ResourceType; ``origin`` that of the page."""

    kind: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    origin: str


class Scripts:
    """Scripts that were fetched lately: the pages of a site share theirs. For one event loop."""

    def __init__(self, max_bytes: int = 32_000_000, seconds: float = 600.0) -> None:
        self._max_bytes, self._seconds = max_bytes, seconds
        self._kept: dict[str, tuple[float, Reply]] = {}
        self._bytes = 0

    def get(self, url: str) -> Reply | None:
        kept = self._kept.get(url)
        if kept is None or kept[0] < time.monotonic():
            return None
        return kept[1]

    def put(self, url: str, reply: Reply) -> None:
        self._drop(url)
        self._kept[url] = time.monotonic() + self._seconds, reply
        self._bytes += len(reply.body)
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, url: str) -> None:
        if (kept := self._kept.pop(url, None)) is not None:
            self._bytes -= len(kept[1].body)


class Requests:
    """Of one page: at most ``most`` requests and ``max_bytes`` together, ``at_once`` to one host, none to the domains
    of ``never``."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        scripts: Scripts,
        *,
        most: int = 100,
        max_bytes: int = 20_000_000,
        at_once: int = 2,
        never: frozenset[str] = frozenset(),
    ) -> None:
        self._session = session
        self._scripts = scripts
        self._left = most
        self._bytes_left = max_bytes
        self._never = never | trackers()
        self._turns: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(at_once))

    async def answer(self, request: Request) -> Reply | None:
        """What the server says; None when it is refused or fails."""
        match decide(request, self._never):
            case "refuse":
                return None
            case "allow":
                return Reply(204, _open_to(request))
            case "empty":
                return Reply(200, {**_open_to(request), "Content-Type": "text/css"})
        if request.kind == "Script" and (kept := self._scripts.get(request.url)):
            return _opened(kept, request)
        self._left -= 1
        self._bytes_left -= len(request.body or b"")
        if self._left < 0 or self._bytes_left <= 0:
            return None
        try:
            async with self._turns[urls.host_of(request.url)]:
                reply = await self._fetch(request)
        except (net.NetError, aiohttp.ClientError, OSError, ValueError):
            return None
        if reply is not None and request.kind == "Script" and reply.status == 200:
            self._scripts.put(request.url, reply)
        return reply and _opened(reply, request)

    async def _fetch(self, request: Request) -> Reply | None:
        headers = {name: value for name, value in request.headers.items() if _may_pass(name.lower())}
        headers["Accept-Encoding"] = "gzip, deflate, br"
        async with self._session.request(
            request.method,
            yarl.URL(request.url, encoded=True),
            headers=headers,
            data=request.body,
            allow_redirects=False,  # the browser follows, and asks again
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_chunked(64 * 1024):
                body += chunk
                self._bytes_left -= len(chunk)
                if self._bytes_left < 0:
                    return None
            kept = {
                name: response.headers[name].encode("ascii", "ignore").decode()
                for name in _KEPT_HEADERS
                if name in response.headers
            }
            return Reply(response.status, kept, bytes(body))


def decide(request: Request, never: frozenset[str] = frozenset()) -> Literal["fetch", "allow", "empty", "refuse"]:
    """``allow`` is the answer to a browser's question whether a page may ask another site; ``never`` domains, which
    stand for their subdomains too."""
    if request.kind in _EMPTY:
        return "empty"
    if request.kind not in _FETCHED or len(request.url) > MAX_URL or not _is_web(request.url):
        return "refuse"
    if not never.isdisjoint(_parents(urls.host_of(request.url))):
        return "refuse"
    if request.method == "OPTIONS":
        return "allow"
    if request.method in ("GET", "HEAD"):
        return "fetch"
    # Only the page's own site is told things: what strangers' pages send elsewhere must not come from us.
    at_home = urls.site_of(request.url) == urls.site_of(request.origin)
    return "fetch" if request.method == "POST" and at_home else "refuse"


@cache
def trackers() -> frozenset[str]:
    lines = resources.files(__package__).joinpath("data/trackers.txt").read_text().splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _parents(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def _is_web(url: str) -> bool:
    try:
        port = urlsplit(url).port
    except ValueError:
        return False
    return url.startswith(("http://", "https://")) and (port is None or port >= 1024 or port in (80, 443))


def _may_pass(name: str) -> bool:
    return name not in _OWN_HEADERS and not name.startswith(_OWN_PREFIXES)


def _opened(reply: Reply, request: Request) -> Reply:
    return replace(reply, headers={**reply.headers, **_open_to(request)})


def _open_to(request: Request) -> dict[str, str]:
    """Nothing secret is in this browser that one site could steal from another."""
    return {
        "Access-Control-Allow-Origin": request.headers.get("Origin", request.origin),
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "GET, HEAD, POST",
        "Access-Control-Allow-Headers": request.headers.get("Access-Control-Request-Headers", "*"),
        "Access-Control-Expose-Headers": "*",
    }
