"""Pages that only scripts can build, in a real browser; the sites are on loopback.

Sites live on 127.0.0.2, which the crawler may dial here; everything on 127.0.0.1 and ::1 is the inside, which no page
may reach.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import trustme
from aiohttp import web
from dnslib import QTYPE, RR, A
from dnslib.server import BaseResolver, DNSServer

from orbweave.errors import InvalidInput
from orbweave.net import NetSettings, Network
from orbweave.site.fetch import Answer, FetchError
from orbweave.site.limits import Limits
from orbweave.site.render import Browser, RenderError, browser, page
from orbweave.site.render import chromium as process

pytestmark = pytest.mark.skipif(
    Browser.find() is None,
    reason="Nothing was rendered: no Chromium on this machine (on Debian: apt install chromium-headless-shell).",
)

OUTSIDE = "127.0.0.2"

SHELL = """<!doctype html><html><head><title>Shop</title>
<link rel=stylesheet href=/style.css><link rel=modulepreload href=/app.js><link rel=icon href=/icon.png>
<style>@font-face {font-family: F; src: url(/font.woff2)} body {font-family: F; background: url(/back.png)}</style>
</head><body><div id=root></div><img src=/logo.png><video src=/film.mp4 autoplay></video>
<iframe src=/frame></iframe><script src=https://www.googletagmanager.com/gtm.js></script>
<script type=module src=/app.js></script></body></html>"""

APP = """
const about = await (await fetch('/api/about', {headers: {'X-Key': 'k'}})).json();
const team = await (await fetch('/api/team', {method: 'POST', headers: {'Content-Type': 'application/json'},
  body: JSON.stringify({office: 1})})).json();
const hours = await (await fetch('https://cdn.other.example/hours', {headers: {'X-Key': 'k'}})).text();
document.getElementById('root').innerHTML =
  `<a href="mailto:${about.mail}">${about.mail}</a> ${team.name} ${hours} ${navigator.userAgent}`;
"""


@dataclass
class Site:
    """``pages``: "host/path" or "/path" (of any host) -> HTML, or a whole answer; ``asked`` what was requested."""

    pages: dict[str, str | web.Response] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    port: int = 0
    tls_port: int = 0
    settings: NetSettings = field(default_factory=NetSettings)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        self.asked.append(f"{request.method} {request.host}{request.path_qs}{body and ' ' + body}")
        self.agents.add(request.headers.get("User-Agent", ""))
        found = self.pages.get(f"{request.host}{request.path_qs}", self.pages.get(request.path))
        if found is None:
            return web.Response(status=404)
        if isinstance(found, str):
            return web.Response(text=found, content_type="text/javascript" if ".js" in request.path else "text/html")
        return web.Response(body=found.body, status=found.status, headers=found.headers)

    def network(self, **settings: object) -> Network:
        return Network(NetSettings(**{**vars(self.settings), **settings}))  # type: ignore[arg-type]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    table = Site()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("site.example", "cdn.other.example").configure_cert(context)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", table.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, OUTSIDE, 0).start()
    await web.TCPSite(runner, OUTSIDE, 0, ssl_context=context).start()
    table.port, table.tls_port = (address[1] for address in runner.addresses)
    table.settings = NetSettings(
        connect_to=tuple(
            f"{name}:{port}:{OUTSIDE}:{to}"
            for name in ("site.example", "www.site.example", "cdn.other.example", "other.example")
            for port, to in ((80, table.port), (443, table.tls_port))
        ),
        ca_file=tmp_path / "ca.pem",
        allow_networks=(f"{OUTSIDE}/32",),
        user_agent="Tests/1 (+https://tests.example)",
    )
    yield table
    await runner.cleanup()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sites here are near, and so small that they look empty."""
    monkeypatch.setattr(page, "_POLL", 0.03)
    monkeypatch.setattr(page, "_QUIET", 0.15)
    monkeypatch.setattr(page, "_QUIET_WHILE_EMPTY", 0.15)
    monkeypatch.setattr(page, "_GRACE", 0.5)


@pytest.fixture
async def chromium(site: Site) -> AsyncIterator[Browser]:
    async with site.network() as network, Browser(network, seconds=20) as shared:
        yield shared


@dataclass
class Inside:
    """Servers on this machine that nobody may reach; ``touched`` says who did."""

    port: int
    touched: list[str] = field(default_factory=list)


@pytest.fixture
async def inside() -> AsyncIterator[Inside]:
    loop = asyncio.get_running_loop()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found = Inside(probe.getsockname()[1])

    class Datagrams(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, address: object) -> None:
            found.touched.append("udp")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.touched.append("tcp")
        writer.write(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 6\r\n\r\nsecret")
        writer.close()

    async with contextlib.AsyncExitStack() as stack:
        for address in ("127.0.0.1", "::1"):
            with contextlib.suppress(OSError):  # a machine without IPv6
                server = await asyncio.start_server(connected, address, found.port)
                stack.callback(server.close)
                transport, _ = await loop.create_datagram_endpoint(Datagrams, local_addr=(address, found.port))
                stack.callback(transport.close)
        yield found


_others: set[psutil.Process] = set()


@pytest.fixture(autouse=True)
def other_processes() -> None:
    """What other tests keep running beside ours."""
    _others.clear()
    _others.update(psutil.Process().children(recursive=True))


def processes() -> list[psutil.Process]:
    """Of browsers that this process started."""
    return [process for process in psutil.Process().children(recursive=True) if process not in _others]


def main_process() -> psutil.Process:
    """The one that all others belong to; before it come the shells that started it."""
    return next(
        process
        for process in processes()
        if "--headless" in (command := process.cmdline())
        and not command[0].endswith("/sh")
        and not any(argument.startswith("--type=") for argument in command)
    )


def home_of(process: psutil.Process) -> Path:
    """Where the browser started by ``process`` (a shell) keeps its files."""
    return Path(process.environ()["HOME"])


def is_over(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


# Reading


async def test_an_app_is_read_as_its_scripts_build_it(site: Site, chromium: Browser) -> None:
    site.pages = {
        "/": SHELL,
        "/app.js": APP,
        "/api/about": '{"mail": "hello@site.example"}',
        "/api/team": '{"name": "Ada Lovelace"}',
        "/hours": "Mon-Fri",
    }
    rendered = await chromium.render("https://site.example/")
    assert (rendered.status, rendered.final_url) == (200, "https://site.example/")
    assert '<a href="mailto:hello@site.example">hello@site.example</a> Ada Lovelace Mon-Fri Tests/1' in rendered.html
    assert site.agents == {"Tests/1 (+https://tests.example)"}
    # Neither pictures nor style sheets, fonts, films, frames or what counts visitors.
    assert sorted(site.asked) == [
        "GET cdn.other.example/hours",
        "GET site.example/",
        "GET site.example/api/about",
        "GET site.example/app.js",
        'POST site.example/api/team {"office":1}',
    ]


async def test_a_page_that_was_fetched_already_is_not_fetched_again(site: Site, chromium: Browser) -> None:
    site.pages = {"/app.js": "document.body.append('built at ' + location.pathname)"}
    body = b"<meta charset=iso-8859-1><p>M\xfcller</p><script src=/app.js></script>"
    answer = Answer("http://site.example/contact", 203, "text/html", body)
    rendered = await chromium.render("http://site.example/", answer=answer)
    assert "Müller" in rendered.html
    assert "built at /contact" in rendered.html
    assert (rendered.status, rendered.final_url) == (203, "http://site.example/contact")
    assert site.asked == ["GET site.example/app.js"]


async def test_the_pages_of_a_site_share_their_scripts(site: Site, chromium: Browser) -> None:
    site.pages = {"/a": SHELL, "/b": SHELL, "/app.js": "document.body.append('built')"}
    for url in ("http://site.example/a", "http://site.example/b"):
        assert "built" in (await chromium.render(url)).html
    assert site.asked.count("GET site.example/app.js") == 1


async def test_pages_do_not_see_each_others_storage_and_cookies(site: Site, chromium: Browser) -> None:
    keep = (
        "<script>document.body.append(`found:${localStorage.x}${document.cookie}`);localStorage.x=document.cookie='x=1'"
    )
    site.pages = {"/": f"<body>{keep}</script>"}
    for _ in range(2):
        assert "found:undefined<" in (await chromium.render("http://site.example/")).html


async def test_what_is_in_open_shadow_roots_is_read(site: Site, chromium: Browser) -> None:
    site.pages = {
        "/": "<body><x-card></x-card><script>customElements.define('x-card', class extends HTMLElement {"
        "constructor() {super(); this.attachShadow({mode: 'open'}).innerHTML = '<p>in</p><x-inner></x-inner>'}});"
        "customElements.define('x-inner', class extends HTMLElement {"
        "constructor() {super(); this.attachShadow({mode: 'open'}).innerHTML = '<b>further in</b>'}})</script>"
    }
    html = (await chromium.render("http://site.example/")).html
    assert "<div><p>in</p>" in html
    assert "<div><b>further in</b></div>" in html


async def test_a_redirect_is_followed_and_reported(site: Site, chromium: Browser) -> None:
    moved = web.Response(status=301, headers={"Location": "https://site.example/new"})
    site.pages = {"/old": moved, "/new": "<body><script>document.body.append('at ' + location.href)</script>"}
    rendered = await chromium.render("http://site.example/old")
    assert "at https://site.example/new" in rendered.html
    assert rendered.final_url == "https://site.example/new"
    assert site.asked == ["GET site.example/old", "GET site.example/new"]


async def test_scripts_may_move_on_within_the_site_and_not_off_it(site: Site, chromium: Browser) -> None:
    site.pages = {
        "/": "<body><script>location = '/en/'</script>",
        "/en/": "<body>English<script>location = 'http://other.example/'</script>",
        "other.example/": "elsewhere",
    }
    rendered = await chromium.render("http://site.example/")
    assert "English" in rendered.html
    assert rendered.final_url == "http://site.example/en/"
    assert "GET other.example/" not in site.asked


async def test_the_callers_check_is_asked_about_every_other_document(site: Site, chromium: Browser) -> None:
    async def check(url: str, previous: str | None) -> None:
        if "private" in url:
            raise FetchError("robots", "robots.txt says no.")

    site.pages = {"/": "<body>open<script>location = '/private'</script>", "/private": "closed"}
    assert "open" in (await chromium.render("http://site.example/", check=check)).html
    with pytest.raises(RenderError) as caught:
        await chromium.render("http://site.example/private", check=check)
    assert caught.value.outcome == "robots"
    assert site.asked == ["GET site.example/"]


OUTCOMES = {
    "http://site.example/missing": "http_error",
    "http://site.example/file": "not_html",
    "http://site.example/off": "left_site",
    "https://other.example/": "tls",
    "http://127.0.0.1/": "refused_address",
    "http://[::ffff:7f00:1]/": "refused_address",
    "http://nothing.invalid/": "name_",
    "http://site.example:22/": "refused_port",
}


async def test_what_became_of_the_document_is_the_outcome(site: Site, chromium: Browser) -> None:
    site.pages = {
        "/file": web.Response(body=b"PK\x03\x04", headers={"Content-Type": "application/zip"}),
        "/off": web.Response(status=302, headers={"Location": "http://elsewhere.example/"}),
    }
    for url, outcome in OUTCOMES.items():
        with pytest.raises(RenderError) as caught:
            await chromium.render(url)
        assert caught.value.outcome.startswith(outcome), url
        assert caught.value.reason.endswith("."), url


# The inside


ATTEMPTS = r"""<body><script>
const told = (what, answer) => { document.body.append(what + '=' + answer + ' ') };
const read = (what) => [(text) => told(what, 'READ' + text), () => told(what, 'no')];
const add = (tag, fields) => document.body.appendChild(Object.assign(document.createElement(tag), fields));
const hosts = ['127.0.0.1', '[::1]', 'localhost', '0.0.0.0', '[::ffff:127.0.0.1]', '2130706433', '127.1'];
const bases = hosts.map((host) => `http://${host}:PORT/`).concat('http://169.254.169.254/', 'file:///etc/passwd');
const waiting = [];
for (const url of bases) {
  for (const mode of ['cors', 'no-cors'])
    waiting.push(fetch(url, {mode}).then((answer) => answer.text()).then(...read(url)));
  waiting.push(new Promise((done) => {
    const xhr = new XMLHttpRequest();
    xhr.onloadend = done;
    xhr.open('GET', url);
    xhr.send();
  }));
  for (const tag of ['img', 'script', 'iframe', 'embed', 'video', 'audio']) add(tag, {src: url});
  add('object', {data: url});
  for (const rel of ['stylesheet', 'preload', 'prefetch', 'preconnect', 'dns-prefetch', 'prerender', 'manifest'])
    add('link', {rel, href: url, as: 'fetch'});
  add('form', {action: url, method: 'post', target: '_blank'}).submit();
  for (const attempt of [
    () => navigator.sendBeacon(url, 'x'),
    () => new WebSocket(url.replace('http', 'ws')),
    () => new EventSource(url),
    () => new WebTransport(url.replace('http', 'https')),
    () => window.open(url),
  ]) try { attempt() } catch {}
  const code = `fetch('${url}').then((r) => r.text()).then((t) => postMessage('READ' + t), () => postMessage('no'))`;
  const worker = new Worker(URL.createObjectURL(new Blob([code])));
  waiting.push(new Promise((done) => {
    worker.onmessage = (message) => { told('worker', message.data); done() };
  }));
}
waiting.push(fetch('/inward').then((answer) => answer.text()).then(...read('redirect')));
waiting.push(navigator.serviceWorker?.register('/sw.js').then(() => told('sw', 'READ'), () => told('sw', 'no')));
const call = `try {
  const peer = new RTCPeerConnection({iceServers: [{urls: 'stun:127.0.0.1:PORT'}, {urls: 'stun:[::1]:PORT'}]});
  peer.createDataChannel('x');
  peer.createOffer().then((offer) => peer.setLocalDescription(offer));
  top.postMessage('READ', '*');
} catch {}`;
onmessage = (message) => told('frame', message.data);
eval(call);
for (const sandbox of [null, 'allow-scripts'])
  for (const fields of [{srcdoc: `<script>${call}<\/script>`}, {src: `data:text/html,<script>${call}<\/script>`}, {}]) {
    const frame = document.createElement('iframe');
    if (sandbox) frame.sandbox = sandbox;
    document.body.append(Object.assign(frame, fields));
    try { new frame.contentWindow.RTCPeerConnection(); told('frame', 'READ') } catch {}
  }
Promise.all(waiting).then(() => {
  told('all', 'tried');
  try { location = 'file:///etc/passwd' } catch {}
  setTimeout(() => { location = 'http://127.0.0.1:PORT/' }, 100);
  setTimeout(() => told('still', 'here'), 300);
});
</script>"""
"""A page that tries every way in."""


@pytest.mark.parametrize(("scheme", "network"), [("http", "own"), ("https", "shared")])
async def test_no_page_reaches_the_inside(
    site: Site, chromium: Browser, inside: Inside, scheme: str, network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if network == "shared":  # as on systems that don't let it have its own
        monkeypatch.setattr(process, "_ALONE", "false")
    monkeypatch.setattr(page, "_QUIET", 2.0)
    monkeypatch.setattr(page, "_ONLY_REQUESTS_QUIET", 4.0)
    site.pages = {
        "/": ATTEMPTS.replace("PORT", str(inside.port)),
        "/inward": web.Response(
            status=302,
            headers={"Location": f"http://127.0.0.1:{inside.port}/", "Access-Control-Allow-Origin": "*"},
        ),
        "/sw.js": "self.addEventListener('install', () => fetch('/from-the-service-worker'))",
    }
    said = (await chromium.render(f"{scheme}://site.example/")).html.partition("</script>")[2]
    assert "all=tried still=here" in said
    assert "=READ" not in said
    assert "root:" not in said
    assert inside.touched == []
    assert set(site.asked) == {"GET site.example/", "GET site.example/inward"}
    # It has no way to the network at all: none of its processes opens a socket.
    assert [sockets for one in processes() if (sockets := one.net_connections())] == []


class Rebinding(BaseResolver):
    """The first answer is an address that may be dialled, every later one is inside."""

    def __init__(self) -> None:
        self.answered = 0

    def resolve(self, request, handler):  # type: ignore[no-untyped-def]
        reply = request.reply()
        if QTYPE[request.q.qtype] == "A":
            reply.add_answer(RR(request.q.qname, QTYPE.A, rdata=A("127.0.0.1" if self.answered else OUTSIDE), ttl=0))
            self.answered += 1
        return reply


@pytest.fixture
def rebinding() -> Iterator[tuple[Rebinding, str]]:
    resolver = Rebinding()
    server = DNSServer(resolver, address="127.0.0.1", port=0)
    server.server.RequestHandlerClass.log = None
    server.start_thread()
    yield resolver, f"127.0.0.1:{server.server.server_address[1]}"
    server.stop()
    server.server.server_close()


async def test_a_name_that_turns_inward_is_not_followed(
    site: Site, inside: Inside, rebinding: tuple[Rebinding, str]
) -> None:
    resolver, nameserver = rebinding
    port = site.port
    site.pages = {
        "/": f"<body><script>fetch('http://rebinding.example:{inside.port}/').then((r) => r.text())"
        ".then((t) => document.body.append('READ' + t), () => document.body.append('refused'))</script>"
    }
    async with site.network(nameservers=(nameserver,), connect_to=()) as network, Browser(network) as chromium:
        rendered = await chromium.render(f"http://rebinding.example:{port}/")
    assert "refused</body>" in rendered.html
    assert resolver.answered >= 2
    assert inside.touched == []


# Limits


async def test_a_page_that_never_rests_is_taken_as_it_is(site: Site, chromium: Browser) -> None:
    site.pages = {
        "/": "<body><script>let n = 0; setInterval(() => {"
        "document.body.textContent = 'tick ' + n++; fetch('/tick')}, 20)</script>",
        "/tick": "t",
    }
    assert "<body>tick " in (await chromium.render("http://site.example/", 1)).html
    assert site.asked.count("GET site.example/tick") <= 100


async def test_a_document_that_does_not_come_is_a_timeout(chromium: Browser) -> None:
    silent = await asyncio.start_server(lambda reader, writer: reader.read(), OUTSIDE, 0)
    with pytest.raises(RenderError) as caught:
        await chromium.render(f"http://{OUTSIDE}:{silent.sockets[0].getsockname()[1]}/", 0.5)
    silent.close()
    assert caught.value.outcome == "timeout"


async def test_a_script_that_never_ends_costs_its_page_only(site: Site, chromium: Browser) -> None:
    site.pages = {"/": "<body>here<script>while (true) {}</script>", "/fine": "<body><p>fine</p>"}
    endless = asyncio.create_task(chromium.render("http://site.example/", 2))
    assert "fine" in (await chromium.render("http://site.example/fine")).html
    with pytest.raises(RenderError) as caught:
        await endless
    assert (caught.value.outcome, caught.value.reason) == ("timeout", "Its scripts do not end.")
    assert "fine" in (await chromium.render("http://site.example/fine")).html


@pytest.mark.parametrize(
    "hog",
    [
        "const kept = []; setInterval(() => { kept.push(new Uint8Array(50e6).fill(7)); document.body.append('.') }, 5)",
        "const kept = []; for (;;) kept.push(new Array(1e6).fill(1.5))",
        "document.open(); for (;;) document.write('<p>' + 'x'.repeat(1e6))",
    ],
    ids=["buffers", "objects", "document"],
)
async def test_a_page_that_takes_too_much_memory_is_ended(site: Site, hog: str) -> None:
    site.pages = {"/": f"<body><script>{hog}</script>", "/fine": "<body><p>fine</p>"}
    async with site.network() as network, Browser(network, memory_mb=400, seconds=20) as chromium:
        with pytest.raises(RenderError) as caught:
            await chromium.render("http://site.example/")
        assert caught.value.outcome == "crashed"
        assert "fine" in (await chromium.render("http://site.example/fine")).html


async def test_dialogs_popups_and_downloads_come_to_nothing(site: Site, chromium: Browser) -> None:
    site.pages = {
        "/": "<body><script>alert('\\ud800'); confirm('x'); prompt('y'); print();"
        "for (let i = 0; i < 9; i++) window.open('/popup');"
        "const a = document.createElement('a'); a.href = '/popup'; a.target = '_blank'; document.body.append(a);"
        "a.click(); const b = document.createElement('a'); b.download = 'x';"
        "b.href = URL.createObjectURL(new Blob(['x'])); b.click(); location = '/file'; onbeforeunload = () => 'stay';"
        "setTimeout(() => document.body.append('after all'))</script>",
        "/file": web.Response(body=b"MZ", headers={"Content-Disposition": "attachment"}),
        "/popup": "popup",
    }
    assert "after all" in (await chromium.render("http://site.example/")).html
    assert "GET site.example/popup" not in site.asked


async def test_requests_and_bytes_of_a_page_are_limited(site: Site) -> None:
    site.pages = {
        "/many": "<body><script>for (let i = 0; i < 50; i++) fetch('/small?' + i)</script>",
        "/large": "<body><script>(async () => { for (let i = 0; i < 9; i++)"
        "await fetch('/big?' + i).then((r) => r.text()).catch(() => 0); document.body.append('done') })()</script>",
        "/small": "s",
        "/big": web.Response(body=b"x" * 400_000),
    }
    async with site.network() as network, Browser(network, requests=10, request_bytes=1_000_000) as chromium:
        await chromium.render("http://site.example/many")
        assert sum("/small" in asked for asked in site.asked) == 10
        assert "done" in (await chromium.render("http://site.example/large")).html
        assert sum("/big" in asked for asked in site.asked) == 3


async def test_a_page_that_asks_without_end_is_ended(site: Site, chromium: Browser) -> None:
    site.pages = {"/": "<body><script>for (let i = 0; i < 3000; i++) fetch('/small?' + i)</script>", "/small": "s"}
    with pytest.raises(RenderError) as caught:
        await chromium.render("http://site.example/")
    assert (caught.value.outcome, caught.value.reason) == ("crashed", "The page asks for more and more.")
    assert len(site.asked) <= 101


async def test_a_document_grown_by_scripts_is_cut(site: Site) -> None:
    site.pages = {"/": "<body><script>document.body.append('é'.repeat(300_000))</script>"}
    async with site.network() as network, Browser(network, limits=Limits(page_bytes=100_000)) as chromium:
        assert 100_000 <= len((await chromium.render("http://site.example/")).html) < 100_100


# The browser's own life


async def test_a_browser_that_dies_is_replaced(site: Site, chromium: Browser) -> None:
    site.pages = {"/": "<body>x<script>fetch('/slow').then(() => 0)</script>", "/fine": "<p>fine</p>"}
    await chromium.render("http://site.example/fine")
    endless = asyncio.create_task(chromium.render("http://site.example/"))
    while "GET site.example/" not in site.asked:
        await asyncio.sleep(0.01)
    main_process().kill()
    with pytest.raises(RenderError) as caught:
        await endless
    assert caught.value.outcome == "crashed"
    assert "fine" in (await chromium.render("http://site.example/fine")).html


async def test_a_browser_that_hangs_is_killed_and_replaced(
    site: Site, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages = {"/": "<p>fine</p>"}
    await chromium.render("http://site.example/")
    hung = main_process()
    hung.suspend()
    monkeypatch.setattr(browser, "_COMMAND_SECONDS", 0.5)
    with pytest.raises(RenderError) as caught:
        await chromium.render("http://site.example/")
    assert caught.value.outcome == "crashed"
    monkeypatch.undo()
    assert "fine" in (await chromium.render("http://site.example/")).html
    assert is_over(hung)


async def test_a_browser_is_replaced_after_many_pages(
    site: Site, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser, "_MAX_PAGES", 2)
    site.pages = {"/": "<p>fine</p>"}
    used = set()
    for _ in range(2):
        await asyncio.gather(*(chromium.render("http://site.example/") for _ in range(2)))
        used.add(main_process().pid)
    assert len(used) == 2


async def test_a_cancelled_page_is_closed(site: Site) -> None:
    site.pages = {"/": "<body><script>while (true) {}</script>", "/fine": "<p>fine</p>"}
    async with site.network() as network, Browser(network, pages_at_once=1) as chromium:
        endless = asyncio.create_task(chromium.render("http://site.example/"))
        while "GET site.example/" not in site.asked:
            await asyncio.sleep(0.01)
        endless.cancel()
        with pytest.raises(asyncio.CancelledError):
            await endless
        # Its place is free again, and its process is gone.
        assert "fine" in (await chromium.render("http://site.example/fine")).html
        assert max(process.cpu_percent(0.1) for process in processes()) < 90


async def test_nothing_is_left_behind(site: Site) -> None:
    site.pages = {"/": "<p>fine</p>", "/endless": "<body><script>while (true) {}</script>"}
    async with site.network() as network:
        async with Browser(network) as chromium:
            await chromium.render("http://site.example/")
            endless = asyncio.create_task(chromium.render("http://site.example/endless"))
            while "GET site.example/endless" not in site.asked:
                await asyncio.sleep(0.01)
            started = processes()
            home = home_of(started[0])
            assert (home / "profile").exists()
        with pytest.raises(RenderError):
            await endless
        with pytest.raises(RenderError) as caught:
            await chromium.render("http://site.example/")
    assert caught.value.reason == "The browser was closed."
    assert started
    assert all(map(is_over, started))
    assert not home.exists()


async def test_it_does_not_outlive_a_process_that_is_killed(tmp_path: Path) -> None:
    program = """
import asyncio
from orbweave.net import Network
from orbweave.site.render import Browser
async def main():
    async with Network() as network, Browser(network) as browser:
        print(await browser.version(), flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert "/" in parent.stdout.readline()
    started = psutil.Process(parent.pid).children(recursive=True)
    home = home_of(started[0])
    assert home.exists()
    parent.kill()
    parent.wait()
    while home.exists() or not all(map(is_over, started)):  # the test's own time limit ends this
        await asyncio.sleep(0.05)


async def test_it_is_told_nothing_of_ours(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORBWEAVE_TOKEN", "secret")
    async with site.network() as network, Browser(network) as chromium:
        await chromium.version()
        assert len(processes()) > 1
        for process in processes():
            assert "ORBWEAVE_TOKEN" not in process.environ()
            assert process.uids().real != 0


async def test_a_browser_that_does_not_start_is_said_so(site: Site, tmp_path: Path) -> None:
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\necho 'FATAL: no usable sandbox' >&2\nexit 1\n")
    program.chmod(0o755)
    tmp_path.chmod(0o755)
    async with site.network() as network, Browser(network, program) as chromium:
        for _ in range(2):
            with pytest.raises(RenderError) as caught:
                await chromium.render("http://site.example/")
            assert caught.value.outcome == "no_browser"
        with pytest.raises(InvalidInput) as invalid:
            Browser(network, tmp_path / "nothing")
    assert invalid.value.field == "browser_path"
