"""Servers that misbehave: each crawl ends within its limits and says what happened. The servers never end by
themselves, so a crawl that ends was ended by its limits."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import brotli
import pytest

from orbweave.net import NetSettings, Network
from orbweave.site import Crawler, CrawlRequest, Limits, Pace

QUICK = 0.5
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


async def forever(writer: asyncio.StreamWriter, piece: bytes) -> None:
    while True:
        writer.write(piece)
        await writer.drain()


async def silence(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def drip(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"Content-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def drop(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def garbage(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\x01\x02 this is not HTTP \xff\xfe\r\n\r\n")


async def http_0_9(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"<html>hello</html>")


async def endless_header(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"X-Long: ")
    await forever(writer, b"a" * 65536)


async def endless_headers(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(OK)
    await forever(writer, b"X-Header: value\r\n" * 1000)


async def endless_continue(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await forever(writer, b"HTTP/1.1 100 Continue\r\n\r\n")


async def empty_location(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")


async def longer_and_longer(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(f"HTTP/1.1 302 Found\r\nLocation: {path}x\r\nContent-Length: 0\r\n\r\n".encode())


async def circle(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    other = "/b" if path == "/" else "/"
    writer.write(f"HTTP/1.1 302 Found\r\nLocation: {other}\r\nContent-Length: 0\r\n\r\n".encode())


def bomb(encoding: str, packed: bytes):  # type: ignore[no-untyped-def]
    async def handle(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + f"Content-Encoding: {encoding}\r\nContent-Length: {len(packed)}\r\n\r\n".encode() + packed)

    return handle


ZEROES = bytes(60_000_000)


@pytest.mark.parametrize(
    ("handle", "outcome"),
    [
        (silence, "timeout"),
        (drop, "dropped"),
        (garbage, "bad_http"),
        (http_0_9, "bad_http"),
        (endless_header, "bad_http"),
        (endless_headers, "bad_http"),
        (endless_continue, "timeout"),
        (empty_location, "bad_redirect"),
        (longer_and_longer, "too_many_redirects"),
        (circle, "redirect_loop"),
        (bomb("gzip", gzip.compress(ZEROES)), "bomb"),
        (bomb("br", brotli.compress(ZEROES, quality=5)), "bomb"),
        (bomb("gzip, gzip", gzip.compress(gzip.compress(ZEROES))), "bomb"),
        (bomb("gzip, gzip, gzip", b"x"), "bad_encoding"),
        (bomb("gzip", b"this is not gzip"), "bad_encoding"),
        (bomb("lzma", b"x"), "bad_encoding"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_ends_with_a_reason(raw_internet, handle, outcome: str) -> None:  # type: ignore[no-untyped-def]
    web = await raw_internet(handle)
    result = await web.crawl("http://a.example/", timeout=QUICK)
    data = result.data()
    assert [page.outcome for page in result.pages] == [outcome]
    assert data["crawl_status"] == "failed"
    assert data["metadata"]["error"].endswith(".")


async def test_an_endless_body_is_cut(raw_internet) -> None:  # type: ignore[no-untyped-def]
    async def endless(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n")
        await forever(writer, b"1000\r\n" + b"info@a.example ".ljust(0x1000) + b"\r\n")

    web = await raw_internet(endless)
    result = await web.crawl("http://a.example/", limits=Limits(page_bytes=200_000))
    assert result.data()["emails"] == ["info@a.example"]
    assert (result.pages[0].outcome, result.pages[0].reason) == ("ok", "Only its first 200,000 bytes were read.")


async def test_a_body_that_drips_ends_with_the_time_limit(raw_internet) -> None:  # type: ignore[no-untyped-def]
    web = await raw_internet(drip)
    result = await web.crawl("http://a.example/", timeout=QUICK)
    assert result.pages[0].outcome == "timeout"


async def test_what_came_before_the_connection_broke_is_used(raw_internet) -> None:  # type: ignore[no-untyped-def]
    async def half(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 5000\r\n\r\n<p>info@a.example</p>")

    web = await raw_internet(half)
    result = await web.crawl("http://a.example/")
    assert result.data()["emails"] == ["info@a.example"]
    assert "broke off" in (result.pages[0].reason or "")


async def test_a_site_whose_pages_all_stall_is_given_up(raw_internet) -> None:  # type: ignore[no-untyped-def]
    async def home_then_silence(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if path == "/":
            links = "".join(f'<a href="/p{number}">{number}</a>' for number in range(50)).encode()
            writer.write(OK + f"Content-Length: {len(links)}\r\n\r\n".encode() + links)
        else:
            await reader.read()

    web = await raw_internet(home_then_silence)
    result = await web.crawl("http://a.example/", timeout=0.1, max_pages=50, limits=Limits(failures_in_a_row=4))
    assert result.status == "partial"
    assert result.error == "4 pages in a row failed."


async def test_the_whole_site_has_a_time_limit(raw_internet) -> None:  # type: ignore[no-untyped-def]
    web = await raw_internet(silence)
    result = await web.crawl("http://a.example/", limits=Limits(site_seconds=QUICK))
    assert (result.status, result.error) == ("failed", "The site took longer than 0.5 s.")


async def test_a_robots_txt_that_never_ends_leaves_the_site_alone(raw_internet) -> None:  # type: ignore[no-untyped-def]
    web = await raw_internet(silence, robots=True)
    result = await web.crawl("http://a.example/", timeout=QUICK)
    assert result.pages[0].outcome == "robots_unavailable"


async def test_a_huge_robots_txt_is_read_to_its_limit(raw_internet) -> None:  # type: ignore[no-untyped-def]
    async def handle(path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if path == "/robots.txt":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nUser-agent: *\nDisallow: /team\n")
            await forever(writer, b"# nothing\n" * 1000)
        writer.write(OK + b'Content-Length: 24\r\n\r\n<a href="/team">Team</a>')

    web = await raw_internet(handle, robots=True)
    result = await web.crawl("http://a.example/")
    assert [page.outcome for page in result.pages] == ["ok", "robots"]


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/secret",
        "http://[::1]:{port}/secret",
        "http://[::ffff:127.0.0.1]:{port}/secret",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433:{port}/secret",
        "http://0x7f.1:{port}/secret",
        "http://0177.0.0.1:{port}/secret",
        "http://127.1:{port}/secret",
        "http://0.0.0.0:{port}/secret",
        "http://user:pw@127.0.0.1:{port}/secret",
        "//127.0.0.1:{port}/secret",
        "http://localhost:{port}/secret",
    ],
)
async def test_a_redirect_to_a_private_address_is_refused(internet, target: str) -> None:  # type: ignore[no-untyped-def]
    """The start is let through to the test server as if it were public; what it redirects to is not."""
    internet.pages = {"a.example/": (302, {"Location": target.format(port=internet.port)}, b"")}
    settings = NetSettings(connect_to=(f"a.example:80:127.0.0.1:{internet.port}",))
    async with Network(settings) as network:
        real = network.addresses

        async def addresses(host: str) -> list[str]:
            # Only the mapping of a.example leads to a bare "127.0.0.1" before any redirect was seen.
            return ["127.0.0.1"] if host == "127.0.0.1" and "a.example/" not in internet.asked else await real(host)

        network.addresses = addresses  # type: ignore[method-assign]
        result = await Crawler(network, pace=Pace(0, 2)).crawl(CrawlRequest("http://a.example/"))
    assert [page.outcome for page in result.pages] == ["refused_address"]
    assert internet.asked == ["a.example/robots.txt", "a.example/"]


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/", "http://2130706433/"])
async def test_a_private_start_is_refused(url: str) -> None:
    async with Network() as network:
        result = await Crawler(network, pace=Pace(0, 2)).crawl(CrawlRequest(url))
    assert [page.outcome for page in result.pages] == ["refused_address"]
    assert result.data()["crawl_status"] == "failed"


async def test_other_services_ports_are_refused(internet) -> None:  # type: ignore[no-untyped-def]
    result = await internet.crawl("http://a.example:25/")
    assert [page.outcome for page in result.pages] == ["refused_port"]


async def test_nobody_listening() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    settings = NetSettings(connect_to=(f"::127.0.0.1:{port}",), allow_networks=("127.0.0.0/8",))
    async with Network(settings) as network:
        result = await Crawler(network, pace=Pace(0, 2)).crawl(CrawlRequest("http://a.example/"))
    # The other scheme and the other host were tried too.
    assert [page.outcome for page in result.pages] == ["connection"] * 4
    doors = ["http://a.example/", "https://a.example/", "https://www.a.example/", "http://www.a.example/"]
    assert [page.url for page in result.pages] == doors


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 300_000,
        b"<p>" + b"".join(b"<b id=%d>" % number for number in range(30_000)) + b"</p>" + b"<p>x</p>" * 100_000,
        b"<a href=/x>" * 200_000,
        b"a" * 1_500_000 + b"@" + b"a" * 1_000_000,
        b"@" * 2_000_000,
        b"(at)" * 500_000,
        b"+1 " * 700_000,
        b"'+'" * 500_000,
        b"<script>mailto'" + b" " * 250_000 + b"</script>",
        b"<script type=application/ld+json>" + b"[" * 1_000_000 + b"</script>",
        b'<script type=application/ld+json>{"a":' * 100_000,
        zlib.compress(bytes(range(256)) * 4000, 0)[:1_000_000],
        b"<table><tr><td>" * 100_000,
        b"1234 Aa " * 250_000,
    ],
    ids=range(14),
)
async def test_pages_made_to_choke_a_parser(internet, body: bytes) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {"a.example/": b"<html><p>info@a.example</p>" + body}
    result = await internet.crawl("http://a.example/", max_pages=1)
    assert result.data()["emails"][0] == "info@a.example"


async def test_a_robots_txt_that_redirects_in_a_circle_counts_as_missing(internet) -> None:  # type: ignore[no-untyped-def]
    internet.pages = {
        "a.example/robots.txt": (302, {"Location": "/robots.txt"}, b""),
        "a.example/": "<p>info@a.example</p>",
    }
    assert (await internet.crawl("http://a.example/")).data()["emails"] == ["info@a.example"]
