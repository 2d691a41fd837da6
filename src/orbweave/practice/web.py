"""The web server of the practice internet: HTTP and HTTPS on two loopback ports, sites told apart by Host."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import time
from collections.abc import Mapping

import brotli
from aiohttp import web

from orbweave.practice.hostile import RESPONDERS, page
from orbweave.practice.log import HttpRequest, Log
from orbweave.practice.pages import render
from orbweave.practice.sites import PracticeSite, RawPage
from orbweave.practice.timing import Timing

_KEPT_PAGES = 20_000


class WebServer:
    """``sites`` by each host that leads to them."""

    def __init__(self, sites: Mapping[str, PracticeSite], log: Log, timing: Timing = Timing()) -> None:
        self.http_port = 0
        self.https_port = 0
        self._sites = sites
        self._log = log
        self._timing = timing
        self._rendered: dict[tuple[str, str, str], RawPage] = {}
        self._runner: web.ServerRunner | None = None

    async def start(self, tls: ssl.SSLContext) -> None:
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        http = socket.create_server(("127.0.0.1", 0), backlog=512)
        https = socket.create_server(("127.0.0.1", 0), backlog=512)
        await web.SockSite(self._runner, http, backlog=512).start()
        await web.SockSite(self._runner, https, ssl_context=tls, backlog=512).start()
        self.http_port, self.https_port = http.getsockname()[1], https.getsockname()[1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        host = request.host.partition(":")[0].rstrip(".").lower()
        agent = request.headers.get("User-Agent", "")
        seen = self._log.request(
            HttpRequest(request.scheme, host, request.method, request.path_qs, agent, time.monotonic())
        )
        try:
            response = await self._answer(request, host)
            seen.status = response.status
        finally:
            # Before the last byte leaves: a client that then asks again is not seen as asking twice at once.
            self._log.finish(seen)
        return response

    async def _answer(self, request: web.BaseRequest, host: str) -> web.StreamResponse:
        site = self._sites.get(host)
        if site is None:
            response = page(f"<p>No practice site is called {'that' if '<' in host else host}.</p>")
            response.set_status(421)
            return response
        behaviour = site.web_behaviour
        delay = self._timing.latency + behaviour.delay * self._timing.slowness
        if delay:
            await asyncio.sleep(delay)
        moved = _moved(site, request, host)
        if moved is not None:
            return web.Response(status=301, headers={"Location": moved})
        if behaviour.hostile and request.path not in site.pages:
            if request.path == "/robots.txt" and behaviour.hostile not in _HOSTILE_TO_ROBOTS:
                return web.Response(status=404)
            if not behaviour.crawlable or render(site, request.path) is None:
                return await RESPONDERS[behaviour.hostile](request, site, self._timing.hostile)
        encoding = behaviour.compression if behaviour.compression in request.headers.get("Accept-Encoding", "") else ""
        found = self._page(site, request.path, encoding)
        if found is None:
            response = page("<h1>404</h1>")
            response.set_status(404)
            return response
        headers = {"Content-Type": found.content_type, **found.headers}
        return web.Response(status=found.status, body=found.body, headers=headers)

    def _page(self, site: PracticeSite, path: str, encoding: str) -> RawPage | None:
        key = (site.host, path, encoding)
        if key not in self._rendered:
            found = render(site, path)
            if found is None:
                return None
            if len(self._rendered) >= _KEPT_PAGES:
                self._rendered.clear()
            self._rendered[key] = _compressed(found, encoding)
        return self._rendered[key]


#: Those that treat robots.txt as they treat each page.
_HOSTILE_TO_ROBOTS = frozenset({"drop", "redirect_loop", "redirect", "status"})


def _moved(site: PracticeSite, request: web.BaseRequest, host: str) -> str | None:
    scheme = site.web_behaviour.scheme
    wanted_scheme = request.scheme if scheme == "both" else scheme
    wanted_host = site.canonical_host if site.web_behaviour.canonical else host
    if (wanted_scheme, wanted_host) == (request.scheme, host):
        return None
    return f"{wanted_scheme}://{wanted_host}{request.path_qs}"


def _compressed(found: RawPage, encoding: str) -> RawPage:
    if not encoding:
        return found
    body = gzip.compress(found.body, mtime=0) if encoding == "gzip" else brotli.compress(found.body)
    headers = {**found.headers, "Content-Encoding": encoding, "Vary": "Accept-Encoding"}
    return RawPage(body, found.content_type, found.status, headers)
