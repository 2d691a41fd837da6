"""Servers that misbehave, each in its own way: the crawl ends within its limits and says of each page what happened.

The servers never end by themselves, so a crawl that ends was ended by its limits. Nothing here is timed."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import struct
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
import trustme
from aiohttp import web

from orbweave.net import LocalGate, NetSettings, Network
from orbweave.practice.dns import Name
from orbweave.site import Crawler, CrawlRequest, Limits, Pace, SiteResult
from orbweave.site.unpack import zstd

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter
Handler = Callable[[str, Reader, Writer], Awaitable[None]]

QUICK = 0.3
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
HELLO = b"<html><p>info@a.example</p>"


def whole(body: bytes, head: bytes = OK) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def outcomes(result: SiteResult) -> list[str]:
    return [page.outcome for page in result.pages]


def reasons(result: SiteResult) -> str:
    return " ".join(page.reason or "" for page in result.pages)


async def forever(writer: Writer, piece: bytes) -> None:
    while True:
        writer.write(piece)
        await writer.drain()


# What a server can do instead of answering


async def silence(path: str, reader: Reader, writer: Writer) -> None:
    await reader.read()


async def silence_after_the_header(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(OK + b"Content-Length: 100\r\n\r\n")
    await reader.read()


async def half_a_header(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Ty")
    await reader.read()


async def dripping_body(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(OK + b"Content-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def dripping_header(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(OK + b"X-Slow: ")
    while True:
        writer.write(b"a")
        await writer.drain()
        await asyncio.sleep(0.01)


async def dripping_chunks(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def endless_continue(path: str, reader: Reader, writer: Writer) -> None:
    await forever(writer, b"HTTP/1.1 100 Continue\r\n\r\n")


async def endless_early_hints(path: str, reader: Reader, writer: Writer) -> None:
    await forever(writer, b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")


STALLING = [
    silence, silence_after_the_header, half_a_header, dripping_body, dripping_header, dripping_chunks, endless_continue,
    endless_early_hints,
]  # fmt: skip


async def drop(path: str, reader: Reader, writer: Writer) -> None:
    writer.transport.abort()


async def reset(path: str, reader: Reader, writer: Writer) -> None:
    writer.get_extra_info("socket").setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER 0
    writer.transport.abort()


async def garbage(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(b"\x00\x01\x02 this is not HTTP \xff\xfe\r\n\r\n")


async def http_0_9(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(b"<html>hello</html>")


async def http_2_frames(path: str, reader: Reader, writer: Writer) -> None:
    # A SETTINGS frame, then streams reset as fast as they can be.
    writer.write(b"\x00\x00\x00\x04\x00\x00\x00\x00\x00")
    await forever(writer, b"\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x08" * 100)


async def endless_header(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(OK + b"X-Long: ")
    await forever(writer, b"a" * 65536)


async def endless_headers(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(OK)
    await forever(writer, b"X-Header: value\r\n" * 1000)


async def large_header(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(whole(HELLO, OK + b"".join(b"X-Header-%d: %s\r\n" % (n, b"a" * 4000) for n in range(20))))


async def broken_header(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(OK + b"this line has no colon\r\n\r\n" + HELLO)


async def two_lengths(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(OK + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nhello")


async def negative_length(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(OK + b"Content-Length: -1\r\n\r\n" + HELLO)


async def switching_protocols(path: str, reader: Reader, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")


def bytes_of(answer: bytes) -> Handler:
    async def handle(path: str, reader: Reader, writer: Writer) -> None:
        writer.write(answer)

    return handle


def packed(encoding: str, body: bytes) -> Handler:
    return bytes_of(whole(body, OK + f"Content-Encoding: {encoding}\r\n".encode()))


def redirect(location: str) -> Handler:
    return bytes_of(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())


async def longer_and_longer(path: str, reader: Reader, writer: Writer) -> None:
    await redirect(f"{path}x")(path, reader, writer)


async def circle(path: str, reader: Reader, writer: Writer) -> None:
    await redirect("/b" if path == "/" else "/")(path, reader, writer)


ZEROES = bytes(60_000_000)


@pytest.mark.parametrize(
    ("handle", "outcome", "reason"),
    [
        *((handle, "timeout", "No answer within") for handle in STALLING),
        (drop, "dropped", "closed the connection"),
        (reset, "dropped", "closed the connection"),
        (garbage, "bad_http", "not valid HTTP"),
        (http_0_9, "bad_http", "not valid HTTP"),
        (http_2_frames, "bad_http", "not valid HTTP"),
        (endless_header, "bad_http", "more than"),
        (endless_headers, "bad_http", "header"),
        (large_header, "bad_http", "larger than 65,536 bytes"),
        (broken_header, "bad_http", "not valid HTTP"),
        (two_lengths, "bad_http", "not valid HTTP"),
        (negative_length, "bad_http", "not valid HTTP"),
        (bytes_of(OK + b"Content-Length: 2\r\n\r\n" + HELLO), "bad_http", "not valid HTTP"),
        (bytes_of(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + HELLO), "bad_http", "not valid HTTP"),
        (redirect("file:///etc/passwd"), "bad_redirect", "not a web address"),
        (redirect("gopher://127.0.0.1:70/_x"), "bad_redirect", "not a web address"),
        (redirect("javascript:alert(1)"), "bad_redirect", "not a web address"),
        (bytes_of(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), "bad_redirect", "without saying where"),
        (bytes_of(b"HTTP/1.1 304 Not Modified\r\n\r\n"), "bad_redirect", "without saying where"),
        (longer_and_longer, "too_many_redirects", "more than 10 times"),
        (circle, "redirect_loop", "in a circle"),
        (packed("gzip", gzip.compress(ZEROES)), "bomb", "unpacks"),
        (packed("deflate", zlib.compress(ZEROES)), "bomb", "unpacks"),
        (packed("br", brotli.compress(ZEROES, quality=5)), "bomb", "unpacks"),
        (packed("zstd", zstd.compress(ZEROES)), "bomb", "unpacks"),
        (packed("gzip, gzip", gzip.compress(gzip.compress(ZEROES))), "bomb", "unpacks"),
        (packed("gzip, gzip, gzip", b"x"), "bad_encoding", "several times"),
        (packed("gzip", b"this is not gzip"), "bad_encoding", "broken"),
        (packed("zstd", b"this is not zstd"), "bad_encoding", "broken"),
        (packed("lzma", b"x"), "bad_encoding", "not asked for"),
        (bytes_of(whole(b"", b"HTTP/1.1 999 No\r\n")), "http_error", "999"),
        (bytes_of(whole(b"%PDF-1.7 a@a.example")), "not_html", "not a web page"),
        (bytes_of(whole(b"PK\x03\x04 a@a.example")), "not_html", "not a web page"),
        (bytes_of(whole(b"\x00\x00\x00 ftypmp42 a@a.example")), "not_html", "not a web page"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_ends_with_a_reason(raw_internet, handle: Handler, outcome: str, reason: str) -> None:  # type: ignore[no-untyped-def]
    server = await raw_internet(handle)
    result = await server.crawl("http://a.example/", timeout=QUICK)
    data = result.data()
    assert outcomes(result) == [outcome]
    assert reason in reasons(result)
    assert data["crawl_status"] == "failed"
    assert data["metadata"]["error"].endswith(".")
    assert not data["emails"]


@pytest.mark.parametrize("handle", STALLING, ids=lambda value: value.__name__)
async def test_a_cancelled_crawl_ends(raw_internet, handle: Handler) -> None:  # type: ignore[no-untyped-def]
    begun = asyncio.Event()

    async def announced(path: str, reader: Reader, writer: Writer) -> None:
        begun.set()
        await handle(path, reader, writer)

    server = await raw_internet(announced)
    crawl = asyncio.create_task(server.crawl("http://a.example/"))
    await begun.wait()
    crawl.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(crawl, 20)


async def test_a_crawl_cancelled_between_its_pages_ends(raw_internet) -> None:  # type: ignore[no-untyped-def]
    waiting = asyncio.Event()

    async def home_then_silence(path: str, reader: Reader, writer: Writer) -> None:
        if path == "/":
            writer.write(whole(b'<a href="/a">a</a><a href="/b">b</a>'))
            return
        waiting.set()
        await reader.read()

    server = await raw_internet(home_then_silence)
    crawl = asyncio.create_task(server.crawl("http://a.example/"))
    await waiting.wait()
    crawl.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(crawl, 20)


# Bodies that are not what was said


async def test_an_endless_body_is_cut(raw_internet) -> None:  # type: ignore[no-untyped-def]
    async def endless(path: str, reader: Reader, writer: Writer) -> None:
        writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        await forever(writer, b"1000\r\n" + b"info@a.example ".ljust(0x1000) + b"\r\n")

    server = await raw_internet(endless)
    result = await server.crawl("http://a.example/", limits=Limits(page_bytes=200_000))
    assert result.data()["emails"] == ["info@a.example"]
    assert (result.pages[0].outcome, result.pages[0].reason) == ("ok", "Only its first 200,000 bytes were read.")


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 5000\r\n\r\n" + HELLO,
        OK + b"Transfer-Encoding: chunked\r\n\r\n1b\r\n" + HELLO + b"\r\n",
        whole(gzip.compress(HELLO * 2000)[:-20], OK + b"Content-Encoding: gzip\r\n"),
        whole(gzip.compress(HELLO) + b"rubbish", OK + b"Content-Encoding: gzip\r\n"),
        whole(brotli.compress(HELLO * 2000)[:-3], OK + b"Content-Encoding: br\r\n"),
    ],
    ids=["too short", "no last chunk", "cut gzip", "more after gzip", "cut br"],
)
async def test_what_came_before_it_broke_is_used(raw_internet, answer: bytes) -> None:  # type: ignore[no-untyped-def]
    server = await raw_internet(bytes_of(answer))
    result = await server.crawl("http://a.example/", timeout=QUICK)
    assert result.data()["emails"] == ["info@a.example"], result.pages


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html", "<html><p>連絡先 info@a.example</p></html>".encode("utf-16-le")),
        ("text/html", "<html><p>Büro info@a.example</p></html>".encode("utf-16-be")),
        ("text/html; charset=utf-8", "<p>連絡先とアクセス info@a.example</p>".encode("shift_jis")),
        ("text/html; charset=utf-8", "<p>Почта info@a.example, улица</p>".encode("cp1251")),
        ("text/html; charset=iso-8859-1", "<p>Почта и телефон info@a.example улица</p>".encode("cp1251")),
        ("text/html; charset=utf-8", b"<p>\xff\xfe\xfd\x00 info@a.example \x80\x81</p>"),
        ("text/html; charset=zlib", HELLO),
        ("text/html; charset=" + "x" * 5000, HELLO),
        ("text/html; charset=utf-16", HELLO),
        ("application/octet-stream", b"<!doctype html>" + HELLO),
        ("text/plain", b"<!doctype html>" + HELLO),
        ("", HELLO),
    ],
)
async def test_odd_encodings(raw_internet, content_type: str, body: bytes) -> None:  # type: ignore[no-untyped-def]
    head = b"HTTP/1.1 200 OK\r\n" + (f"Content-Type: {content_type}\r\n".encode() if content_type else b"")
    server = await raw_internet(bytes_of(whole(body, head)))
    assert (await server.crawl("http://a.example/", max_pages=1)).data()["emails"] == ["info@a.example"]


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 300_000,
        b"<p>" + b"".join(b"<b id=%d>" % number for number in range(30_000)) + b"</p>" + b"<p>x</p>" * 100_000,
        b"<a href=/x>" * 200_000,
        b"".join(b"<a href=/%d>x</a>" % number for number in range(200_000)),
        b"a" * 1_500_000 + b"@" + b"a" * 1_000_000,
        b"@" * 2_000_000,
        b"(at)" * 500_000,
        b"+1 " * 700_000,
        b"'+'" * 500_000,
        b"<script>mailto'" + b" " * 250_000 + b"</script>",
        b"<script type=application/ld+json>" + b"[" * 1_000_000 + b"</script>",
        b'<script type=application/ld+json>{"a":' * 100_000,
        b'<script type=application/ld+json>[NaN,{"@type":"Person","@type":[],"email":1e999}]</script>',
        zlib.compress(bytes(range(256)) * 4000, 0)[:1_000_000],
        b"<table><tr><td>" * 100_000,
        b"1234 Aa " * 250_000,
        b"x" * 4_900_000,
        b"".join(b"<p>person%d@a.example</p>" % number for number in range(10_000)),
    ],
    ids=range(18),
)
async def test_pages_made_to_choke_a_parser(internet, body: bytes) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": HELLO + b"</p>" + body}
    result = await internet.crawl("http://a.example/", max_pages=1)
    assert "info@a.example" in result.data()["emails"]
    assert len(result.data()["emails"]) <= 500


async def test_the_honest_address_comes_before_thousands_of_made_up_ones(internet) -> None:  # type: ignore[no-untyped-def]
    flood = b"".join(b"<p>person%d@b.example</p>" % number for number in range(10_000))
    internet.pages = {"a.example/": flood[: len(flood) // 200] + HELLO + flood}
    assert (await internet.crawl("http://a.example/", max_pages=1)).data()["emails"][0] == "info@a.example"


# Limits of a whole site


async def test_a_site_whose_pages_all_stall_is_given_up(raw_internet) -> None:  # type: ignore[no-untyped-def]
    async def home_then_silence(path: str, reader: Reader, writer: Writer) -> None:
        if path == "/":
            writer.write(whole("".join(f'<a href="/p{number}">{number}</a>' for number in range(50)).encode()))
        else:
            await reader.read()

    server = await raw_internet(home_then_silence)
    result = await server.crawl("http://a.example/", timeout=0.1, max_pages=50, limits=Limits(failures_in_a_row=4))
    assert result.status == "partial"
    assert result.error == "4 pages in a row failed."


async def test_the_whole_site_has_a_time_limit(raw_internet) -> None:  # type: ignore[no-untyped-def]
    server = await raw_internet(silence)
    result = await server.crawl("http://a.example/", limits=Limits(site_seconds=QUICK))
    assert (result.status, result.error) == ("failed", "The site took longer than 0.3 s.")


async def test_the_whole_site_has_a_size_limit(internet) -> None:  # type: ignore[no-untyped-def]
    links = "".join(f'<a href="/p{number}">{number}</a>' for number in range(20))
    internet.pages = {
        "a.example/": links,
        **{f"a.example/p{number}": f"<p>{number}</p>" + "x" * 100_000 for number in range(20)},
    }
    result = await internet.crawl("http://a.example/", max_pages=20, limits=Limits(site_bytes=350_000))
    assert result.status == "partial"
    assert result.error == "The site's pages are larger than 350,000 bytes together."
    assert 4 <= result.pages_crawled <= 6


# Sites that make pages without end


class Everything(dict):  # type: ignore[type-arg]
    """Every address has a page."""

    def __init__(self, page: Callable[[web.Request], str]) -> None:
        super().__init__()
        self._page = page

    def get(self, key: str, default: object = None) -> object:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(text=self._page(request), content_type="text/html")

        return None if key.endswith((".txt", ".xml")) else answer


async def test_a_calendar_does_not_keep_the_crawl_busy(internet) -> None:  # type: ignore[no-untyped-def]
    def month(request: web.Request) -> str:
        number = int(request.path.rpartition("/")[2] or 0) if "/calendar/" in request.path else 0
        days = "".join(f'<a href="/calendar/2026/{number + 1 + ahead}">{ahead}</a>' for ahead in range(9))
        return f"<p>{request.path}</p>{days}<a href='/menu'>Menu</a>"

    internet.pages = Everything(month)
    await internet.crawl("http://a.example/", max_pages=20, crawl_strategy="bfs")
    assert sum("/calendar/" in asked for asked in internet.asked) <= 12
    assert "a.example/menu" in internet.asked


@pytest.mark.parametrize(
    "link",
    ["/shop?sort={0}&color={1}", "/shop?page={0}", "/s/{0:032x}/shop", "/shop?PHPSESSID={0}", "/shop;jsessionid={0}"],
)
async def test_one_page_under_many_addresses_is_read_a_few_times_at_most(internet, link: str) -> None:  # type: ignore[no-untyped-def]
    counter = iter(range(10_000))

    def page(request: web.Request) -> str:
        more = "".join(f'<a href="{link.format(next(counter) + 10**9, 7)}">more</a>' for _ in range(10))
        return f"<p>{request.path_qs} {'word ' * 20}</p>{more}"

    internet.pages = Everything(page)
    await internet.crawl("http://a.example/", max_pages=50)
    assert sum("shop" in asked for asked in internet.asked) <= 6


async def test_a_path_that_grows_by_itself_is_left(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = Everything(lambda request: f'<p>{request.path}</p><a href="more/more/">deeper</a>')
    result = await internet.crawl("http://a.example/", max_pages=50)
    assert result.pages_crawled <= 3


async def test_a_site_where_everything_is_not_found_is_left(internet) -> None:  # type: ignore[no-untyped-def]
    def page(request: web.Request) -> str:
        if request.path == "/":
            return "<p>Home</p>" + "".join(f'<a href="/{word}">{word}</a>' for word in "abcdefghijklmnopqrstuvwxyz")
        return f"<title>404 - Seite nicht gefunden</title><p>{request.path} gibt es nicht.</p>"

    internet.pages = Everything(page)
    result = await internet.crawl("http://a.example/", max_pages=20)
    assert result.pages_crawled == 1
    assert set(outcomes(result)[1:]) == {"soft_404"}
    assert len(result.pages) <= 17
    assert result.status == "partial"


async def test_empty_pages_that_send_on_and_on_end(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = Everything(lambda request: f'<meta http-equiv="refresh" content="0;url={request.path}x">')
    result = await internet.crawl("http://a.example/")
    assert outcomes(result)[-1] == "too_many_redirects"
    assert result.status == "failed"


async def test_empty_pages_that_send_on_in_a_circle_end(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": '<meta http-equiv="refresh" content="0;url=/b">',
        "a.example/b": '<meta http-equiv="refresh" content="0;url=/">',
    }
    result = await internet.crawl("http://a.example/")
    assert outcomes(result) == ["redirect", "redirect", "redirect_loop"]


async def test_a_base_of_somebody_else_is_not_believed(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": '<base href="http://b.example/"><a href="contact">Contact</a>',
        "a.example/contact": HELLO,
        "b.example/contact": "<p>info@b.example</p>",
    }
    assert (await internet.crawl("http://a.example/")).data()["emails"] == ["info@a.example"]
    assert not any(asked.startswith("b.example") for asked in internet.asked)


# Pages that are no page of a business


CHALLENGE = "<title>Just a moment...</title><script>window._cf_chl_opt={}</script><p>Enable JavaScript and cookies</p>"


@pytest.mark.parametrize(
    ("status", "page", "outcome"),
    [
        (403, CHALLENGE, "blocked"),
        (503, CHALLENGE, "blocked"),
        (200, CHALLENGE, "blocked"),
        (403, "<p>Forbidden</p>", "blocked"),
        (401, "<p>Password?</p>", "blocked"),
        (429, "<p>Slow down</p>", "blocked"),
        (451, "<p>Not in your country</p>", "blocked"),
        (503, "<p>Maintenance</p>", "http_error"),
        (200, "<title>Captcha</title><p>Please verify you are human to continue.</p>", "blocked"),
        (200, "<html lang=de><p>Ich bin kein Roboter</p><script src=/captcha.js></script>", "blocked"),
        (200, "<p>We value your privacy. Please accept cookies to continue.</p><a href=/yes>Accept</a>", "blocked"),
        (200, "<p>Bitte akzeptieren Sie Cookies, um die Seite zu sehen.</p>", "blocked"),
        (200, "<h1>a.example</h1><p>This domain is for sale! Contact broker@parking.example</p>", "parked"),
        (200, "<h1>a.example</h1><p>Diese Domain steht zum Verkauf.</p>", "parked"),
        (200, "<p>Ce nom de domaine est à vendre</p>", "parked"),
        (200, "<p>このドメインは販売中です</p>", "parked"),
        (200, '<html data-adblockkey="x"><script src="https://www.sedoparking.com/frmpark/x.js"></script>', "parked"),
        (200, "<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>", "unused"),
    ],
)
async def test_it_says_what_stands_in_place_of_the_page(internet, status: int, page: str, outcome: str) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": (status, {"Content-Type": "text/html; charset=utf-8"}, page.encode())}
    result = await internet.crawl("http://a.example/")
    assert outcomes(result) == [outcome], result.pages
    assert result.status == "failed"
    assert result.error == result.pages[0].reason
    assert not result.data()["emails"]


@pytest.mark.parametrize(
    "page",
    [
        "<title>Muster</title><p>Wir verwenden Cookies. info@a.example</p>",
        "<title>Contact</title><p>info@a.example</p><form><div class=g-recaptcha></div>I am not a robot</form>",
        "<title>Room 404 Bar</title><p>info@a.example</p>",
        "<p>Domains: wir verkaufen auch .li-Domains. info@a.example</p>",
    ],
)
async def test_ordinary_pages_are_not_taken_for_such(internet, page: str) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": '<p>Home</p><a href="/x">x</a>', "a.example/x": page}
    result = await internet.crawl("http://a.example/")
    assert outcomes(result) == ["ok", "ok"]
    assert result.data()["emails"] == ["info@a.example"]


async def test_a_business_may_be_called_not_found(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": '<title>Not Found Records</title><p>Home</p><a href="/x">x</a>',
        "a.example/x": "<title>Contact - Not Found Records</title><p>info@a.example</p>",
    }
    assert outcomes(await internet.crawl("http://a.example/")) == ["ok", "ok"]


# Ways to the inside


INSIDE = [
    "http://127.0.0.1:{port}/secret",
    "http://[::1]:{port}/secret",
    "http://[::ffff:127.0.0.1]:{port}/secret",
    "http://[::ffff:10.0.0.1]/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[64:ff9b:1::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://169.254.169.254/latest/meta-data/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://2130706433:{port}/secret",
    "http://0x7f.1:{port}/secret",
    "http://0x7f000001:{port}/secret",
    "http://0177.0.0.1:{port}/secret",
    "http://127.1:{port}/secret",
    "http://127.0.0.1.:{port}/secret",
    "http://0.0.0.0:{port}/secret",
    "http://0:{port}/secret",
    "http://255.255.255.255/",
    "http://①②⑦.⓪.⓪.①:{port}/secret",
    "http://127。0。0。1:{port}/secret",
    "http://%31%32%37.0.0.1:{port}/secret",
    "http://user:pw@127.0.0.1:{port}/secret",
    "http://b.example@127.0.0.1:{port}/secret",
    "http://127.0.0.1:{port}\\@b.example/secret",
    "\\\\127.0.0.1:{port}\\secret",
    "//127.0.0.1:{port}/secret",
    "http://localhost:{port}/secret",
]


async def crawl_as_if_public(internet, **options) -> SiteResult:  # type: ignore[no-untyped-def]
    """a.example leads to the test server as if it were public; nothing else leads to this machine."""
    settings = NetSettings(
        connect_to=(f"a.example:80:trusted.example:{internet.port}",), user_agent="orbweave/1 (+https://a.example/)"
    )
    async with Network(settings) as network:
        real = network.addresses

        async def addresses(host: str) -> list[str]:
            return ["127.0.0.1"] if host == "trusted.example" else await real(host)

        network.addresses = addresses  # type: ignore[method-assign]
        return await Crawler(network, pace=Pace(0, 2)).crawl(CrawlRequest("http://a.example/", **options))


@pytest.mark.parametrize("target", INSIDE)
async def test_a_redirect_to_the_inside_is_refused(internet, target: str) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": (302, {"Location": target.format(port=internet.port)}, b"")}
    result = await crawl_as_if_public(internet)
    assert outcomes(result) == ["refused_address"]
    assert internet.asked == ["a.example/robots.txt", "a.example/"]


@pytest.mark.parametrize("target", INSIDE)
async def test_a_start_on_the_inside_is_refused(target: str) -> None:
    url = target.format(port=9999)
    async with Network() as network:
        result = await Crawler(network, pace=Pace(0, 2)).crawl(CrawlRequest(url))
    assert outcomes(result) in (["refused_address"], ["bad_url"])
    assert result.data()["crawl_status"] == "failed"


async def test_robots_and_sitemaps_on_the_inside_are_refused(internet) -> None:  # type: ignore[no-untyped-def]
    inside = f"http://127.0.0.1:{internet.port}"
    internet.pages = {
        "a.example/robots.txt": f"Sitemap: {inside}/sitemap.xml\nSitemap: http://a.example/map.xml\n",
        "a.example/map.xml": f"<urlset><url><loc>{inside}/contact</loc></url></urlset>",
        "a.example/": f'<meta http-equiv="refresh" content="0;url={inside}/x"><p>Home</p><a href="{inside}/y">y</a>',
    }
    assert (await crawl_as_if_public(internet)).status == "success"
    assert internet.asked == ["a.example/robots.txt", "a.example/", "a.example/map.xml"]


async def test_robots_that_redirect_to_the_inside_leave_the_site_alone(internet) -> None:  # type: ignore[no-untyped-def]
    location = f"http://127.0.0.1:{internet.port}/robots.txt"
    internet.pages = {"a.example/robots.txt": (302, {"Location": location}, b""), "a.example/": HELLO}
    assert outcomes(await crawl_as_if_public(internet)) == ["refused_address"]
    assert internet.asked == ["a.example/robots.txt"]


async def test_a_name_that_changes_its_address_is_dialled_where_it_was_checked(raw_internet, names) -> None:  # type: ignore[no-untyped-def]
    """127.0.0.1 stands for the public internet here, 127.0.0.2 for the inside."""
    closing = OK + b"Connection: close\r\n"
    outside = await raw_internet(bytes_of(whole(HELLO + b'<a href="/contact">Contact</a>', closing)))
    inside = await raw_internet(bytes_of(whole(b"secret", closing)), host="127.0.0.2", port=outside.port, robots=True)

    class Rebinding(dict):  # type: ignore[type-arg]
        asked = 0

        def get(self, name: str, default: object = None) -> Name:
            # The first connection asks for A and AAAA; whoever asks again is told another address.
            self.asked += 1
            return Name(("127.0.0.1",) if self.asked <= 2 else ("127.0.0.2",))

    names.zone = Rebinding()
    net = NetSettings(nameservers=(f"127.0.0.1:{names.port}",), allow_networks=("127.0.0.1/32",))
    result = await outside.crawl(f"http://a.example:{outside.port}/", net=net)
    assert (outside.asked, inside.asked) == (["/robots.txt"], [])
    assert outcomes(result) == ["refused_address"]


async def test_a_name_with_one_inside_address_is_refused_as_a_whole(raw_internet, names) -> None:  # type: ignore[no-untyped-def]
    server = await raw_internet(bytes_of(whole(HELLO)))
    names.zone = {"a.example": Name(("127.0.0.1", "10.0.0.1"))}
    net = NetSettings(nameservers=(f"127.0.0.1:{names.port}",), allow_networks=("127.0.0.1/32",))
    result = await server.crawl(f"http://a.example:{server.port}/", net=net)
    assert outcomes(result) == ["refused_address"]
    assert server.asked == []


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        (None, "name_not_found"),
        (Name(failure="servfail"), "name_unavailable"),
        (Name(failure="silent"), "name_unavailable"),
    ],
    ids=["nxdomain", "servfail", "silence"],
)
async def test_names_that_lead_nowhere(names, internet, name: Name | None, outcome: str) -> None:  # type: ignore[no-untyped-def]
    names.zone = {"a.example": name} if name else {}
    net = NetSettings(nameservers=(f"127.0.0.1:{names.port}",), dns_timeout=0.3)
    result = await internet.crawl("http://a.example/", net=net)
    assert outcomes(result)[0] == outcome
    assert result.status == "failed"


@pytest.mark.parametrize("port", [22, 25, 53, 110, 389, 993])
async def test_other_services_ports_are_refused(internet, port: int) -> None:  # type: ignore[no-untyped-def]
    assert outcomes(await internet.crawl(f"http://a.example:{port}/")) == ["refused_port"]


@pytest.mark.parametrize("host", ["never.example", "www.never.example", "shop.never.example"])
async def test_hosts_never_to_touch_are_not_touched(internet, host: str) -> None:  # type: ignore[no-untyped-def]
    limits = Limits(never=frozenset({"never.example"}))
    internet.pages = {"a.example/": (302, {"Location": f"http://{host}/"}, b""), f"{host}/": HELLO}
    assert outcomes(await internet.crawl(f"http://{host}/", limits=limits)) == ["refused_host"]
    assert outcomes(await internet.crawl("http://a.example/", limits=limits)) == ["refused_host"]
    assert internet.asked == ["a.example/robots.txt", "a.example/"]


# The secure connection


def certified(tmp_path: Path, *names: str, known: bool = True, **options: object) -> tuple[ssl.SSLContext, NetSettings]:
    """A server's certificate for ``names``, and settings of somebody who knows its issuer or doesn't."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **options).configure_cert(context)  # type: ignore[arg-type]
    (trusted := authority if known else trustme.CA()).cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    assert trusted
    return context, NetSettings(ca_file=tmp_path / "ca.pem")


def secure(settings: NetSettings, port: int, plain: int | None = None) -> NetSettings:
    routes = (f":443:127.0.0.1:{port}", f":80:127.0.0.1:{plain or port}")
    return NetSettings(connect_to=routes, allow_networks=("127.0.0.0/8",), ca_file=settings.ca_file)


LONG_AGO = datetime.now(UTC) - timedelta(days=90)
EXPIRED = {"not_before": LONG_AGO, "not_after": LONG_AGO + timedelta(days=1)}


@pytest.mark.parametrize(
    ("names", "options", "known", "outcome", "reason"),
    [
        (["a.example", "www.a.example"], EXPIRED, True, "tls_expired", "expired"),
        (["b.example"], {}, True, "tls_wrong_host", "another host"),
        (["a.example"], {}, False, "tls_unknown_issuer", "unknown issuer"),
    ],
    ids=["expired", "wrong host", "unknown issuer"],
)
async def test_certificates_that_do_not_hold(  # type: ignore[no-untyped-def]
    raw_internet, tmp_path: Path, names, options, known: bool, outcome: str, reason: str
) -> None:
    context, settings = certified(tmp_path, *names, known=known, **options)
    server = await raw_internet(bytes_of(whole(HELLO)), tls=context)
    result = await server.crawl("https://a.example/", net=secure(settings, server.port))
    assert outcomes(result) == [outcome] * 2  # www was tried too, http was not
    assert reason in reasons(result)
    assert {page.url.partition(":")[0] for page in result.pages} == {"https"}


async def test_a_self_signed_certificate(raw_internet, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for name, data in (("key", authority.private_key_pem), ("cert", authority.cert_pem)):
        data.write_to_path(str(tmp_path / f"{name}.pem"))
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server = await raw_internet(bytes_of(whole(HELLO)), tls=context)
    result = await server.crawl("https://a.example/", net=secure(NetSettings(), server.port))
    assert set(outcomes(result)) == {"tls_self_signed"}


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28"])
async def test_a_server_that_speaks_no_tls(answer: bytes) -> None:
    """It hangs up, answers in plain text, or sends an alert."""

    async def answered(reader: Reader, writer: Writer) -> None:
        await reader.read(1)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answered, "127.0.0.1", 0) as server:
        net = secure(NetSettings(), server.sockets[0].getsockname()[1])
        async with Network(net) as network:
            result = await Crawler(network, pace=Pace(0, 2)).crawl(CrawlRequest("https://a.example/"))
    assert set(outcomes(result)) == {"tls_protocol"}


async def test_a_handshake_that_never_ends_is_a_timeout_and_can_be_cancelled() -> None:
    begun = asyncio.Event()

    async def hang(reader: Reader, writer: Writer) -> None:
        begun.set()
        while await reader.read(65536):
            pass
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        async with Network(secure(NetSettings(), server.sockets[0].getsockname()[1])) as network:
            crawler = Crawler(network, pace=Pace(0, 2))
            result = await crawler.crawl(CrawlRequest("https://a.example/", timeout=QUICK))
            assert outcomes(result) == ["robots_unavailable"]
            assert "No answer within" in reasons(result)
            begun.clear()
            crawl = asyncio.create_task(crawler.crawl(CrawlRequest("https://a.example/")))
            await begun.wait()
            crawl.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(crawl, 20)


@pytest.mark.parametrize(("scheme_given", "status"), [(True, "failed"), (False, "success")])
async def test_only_who_wrote_no_scheme_is_read_without_security(  # type: ignore[no-untyped-def]
    raw_internet, internet, tmp_path: Path, scheme_given: bool, status: str
) -> None:
    context, settings = certified(tmp_path, "b.example")
    broken = await raw_internet(bytes_of(whole(HELLO)), tls=context)
    internet.pages = {"a.example/": HELLO}
    net = secure(settings, broken.port, internet.port)
    result = await internet.crawl("https://a.example/", net=net, scheme_given=scheme_given)
    assert result.status == status
    assert result.pages[0].outcome == "tls_wrong_host"
    assert bool(internet.asked) is not scheme_given


async def test_nobody_listening() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    settings = NetSettings(connect_to=(f"::127.0.0.1:{port}",), allow_networks=("127.0.0.0/8",))
    async with Network(settings) as network:
        result = await Crawler(network, pace=Pace(0, 2)).crawl(CrawlRequest("http://a.example/"))
    # The other scheme and the other host were tried too.
    assert outcomes(result) == ["connection"] * 4
    doors = ["http://a.example/", "https://a.example/", "https://www.a.example/", "http://www.a.example/"]
    assert [page.url for page in result.pages] == doors


# robots.txt and sitemaps


async def test_a_robots_txt_that_never_ends_leaves_the_site_alone(raw_internet) -> None:  # type: ignore[no-untyped-def]
    server = await raw_internet(silence, robots=True)
    result = await server.crawl("http://a.example/", timeout=QUICK)
    assert outcomes(result) == ["robots_unavailable"]


async def test_a_huge_robots_txt_is_read_to_its_limit(raw_internet) -> None:  # type: ignore[no-untyped-def]
    async def handle(path: str, reader: Reader, writer: Writer) -> None:
        if path == "/robots.txt":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nUser-agent: *\nDisallow: /team\n")
            await forever(writer, b"# nothing\n" * 1000)
        writer.write(whole(b'<a href="/team">Team</a>'))

    server = await raw_internet(handle, robots=True)
    assert outcomes(await server.crawl("http://a.example/")) == ["ok", "robots"]


@pytest.mark.parametrize(
    ("robots", "read"),
    [
        ("<!doctype html><html><body>Not found</body></html>", True),
        ("\ufeffUser-agent: *\nDisallow: /\n", False),
        ("User-agent: *\r\rDisallow: /\r", False),
        ("user-AGENT : ORBWEAVE\ndisallow : /\n", False),
        ("User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*a*a*a*b\n" * 10_000, True),
        ("".join(f"User-agent: robot{n}\n" for n in range(12_000)) + "Disallow: /\n" * 12_000, True),
        ("User-agent: *\nCrawl-delay: 1e309\nCrawl-delay: nan\nCrawl-delay: -5\n", True),
        ("\x00\x01\x02" * 1000, True),
    ],
    ids=range(8),
)
async def test_odd_robots(internet, robots: str, read: bool) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/robots.txt": robots, "a.example/": HELLO}
    result = await internet.crawl("http://a.example/", max_pages=1)
    assert (outcomes(result) == ["ok"]) is read


@pytest.mark.parametrize("location", ["/robots.txt", "/again"])
async def test_a_robots_txt_that_redirects_without_end_counts_as_missing(internet, location: str) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/robots.txt": (302, {"Location": location}, b""),
        "a.example/again": (302, {"Location": "/robots.txt"}, b""),
        "a.example/": HELLO,
    }
    assert (await internet.crawl("http://a.example/")).data()["emails"] == ["info@a.example"]


async def test_a_robots_txt_on_another_host_is_read_there(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/robots.txt": (301, {"Location": "http://b.example/robots.txt"}, b""),
        "b.example/robots.txt": "User-agent: *\nDisallow: /\n",
        "a.example/": HELLO,
    }
    assert outcomes(await internet.crawl("http://a.example/")) == ["robots"]


XML = {"Content-Type": "application/xml"}
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY xxe SYSTEM "file:///etc/passwd">]>
<urlset><url><loc>&c;&xxe;</loc></url><url><loc>http://a.example/contact</loc></url></urlset>"""
ONE = b"<urlset><url><loc>http://a.example/contact</loc></url></urlset>"


@pytest.mark.parametrize(
    ("body", "headers", "found"),
    [
        (BOMB, XML, True),
        (ONE, {"Content-Type": "text/html"}, True),
        (ONE, {"Content-Type": "application/octet-stream"}, True),
        (gzip.compress(ONE), {"Content-Type": "application/x-gzip"}, True),
        (gzip.compress(ONE), {"Content-Type": "text/plain"}, True),
        (gzip.compress(ONE + b" " * 50_000_000), {"Content-Type": "application/gzip"}, True),
        (b"http://a.example/contact\n", {"Content-Type": "text/plain"}, True),
        (b"<urlset><url><loc>http://a.example/contact", XML, True),
        (ONE.decode().encode("utf-16"), XML, True),
        (b"<html>This is no sitemap</html>", {"Content-Type": "text/html"}, False),
        (b"<loc>" * 500_000, XML, False),
        (b"<urlset>" + b"<url hreflang><loc>http://b.example/x</loc>" * 50_000, XML, False),
    ],
    ids=range(12),
)
async def test_odd_sitemaps(internet, body: bytes, headers: dict[str, str], found: bool) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/robots.txt": "Sitemap: http://a.example/map",
        "a.example/map": (200, headers, body),
        "a.example/": "<p>Home</p>",
        "a.example/contact": HELLO,
    }
    result = await internet.crawl("http://a.example/")
    assert result.status == "success"
    assert (result.data()["emails"] == ["info@a.example"]) is found
    assert result.sitemap_used is found


async def test_sitemaps_that_name_each_other_end(internet) -> None:  # type: ignore[no-untyped-def]
    index = "<sitemapindex><sitemap><loc>http://a.example/{0}.xml</loc></sitemap></sitemapindex>"
    internet.pages = {
        "a.example/robots.txt": "Sitemap: http://a.example/1.xml",
        **{f"a.example/{n}.xml": index.format((n + 1) % 3) for n in range(3)},
        "a.example/": HELLO,
    }
    assert (await internet.crawl("http://a.example/")).status == "success"
    assert sum(asked.endswith(".xml") for asked in internet.asked) == 3


# Addresses


@pytest.mark.parametrize(
    "href",
    [
        "http://a.example:99999/x", "http://[::1/x", "//", "http:///x", "http://a.example\\@b.example/", "\x00\x01",
        "http://" + "a" * 5000 + ".example/", "/" + "x" * 5000, "http://xn--/", "http://a..example/", "%", "%zz",
        "http://аррӏе.example/", "http://ex%61mple%2ecom/", "data:text/html,<a href=/x>", "blob:http://a.example/x",
        "../" * 500, "?" * 500,
        "http://user:pw@a.example/private", "HTTP://A.EXAMPLE:80/./a/../private",
    ],
)  # fmt: skip
async def test_odd_links(internet, href: str) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/": f'<p>Home</p><a href="{href}">odd</a><a href="/contact">Contact</a>',
        "a.example/contact": HELLO,
        "a.example/private": "<p>private</p>",
    }
    result = await internet.crawl("http://a.example/")
    assert result.data()["emails"] == ["info@a.example"]
    assert all(asked.startswith("a.example/") for asked in internet.asked)


# When to come again


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("date", [False, True])
async def test_a_site_that_wants_to_be_left_alone_is(internet, status: int, date: bool) -> None:  # type: ignore[no-untyped-def]
    later = datetime.now(UTC) + timedelta(hours=1)
    wait = later.strftime("%a, %d %b %Y %H:%M:%S GMT") if date else "3600"
    internet.pages = {
        "a.example/": '<p>Home</p><a href="/contact">Contact</a><a href="/about">About</a><a href="/x">x</a>',
        "a.example/contact": (status, {"Retry-After": wait}, b""),
        "a.example/about": HELLO,
    }
    gate = LocalGate()
    result = await internet.crawl("http://a.example/", pace=Pace(0, 1), crawler={"gate": gate})
    assert 3500 < (result.retry_after or 0) <= 3600
    assert result.data()["metadata"]["retry_after"] == result.retry_after
    assert result.status == "partial"
    assert internet.asked[-1] == "a.example/contact"
    # Nor does another crawl ask.
    again = await internet.crawl("http://a.example/", crawler={"gate": gate})
    assert outcomes(again) == ["robots_unavailable"]
    assert 3500 < (again.retry_after or 0) <= 3600
    assert internet.asked[-1] == "a.example/contact"
