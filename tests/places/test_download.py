"""Downloads from a server on loopback that breaks off, changes its mind and lies."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import shutil
from collections import namedtuple
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from orbweave.errors import Conflict, InvalidInput, OrbweaveError, SetupError, Unavailable
from orbweave.net import NetSettings, Network
from orbweave.places import download as module
from orbweave.places.download import changed, discard, download, stored_as

BODY = bytes(range(256)) * 4000
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Usage = namedtuple("Usage", "total used free")


class Server:
    """Serves ``body`` at /monaco-latest.osm.pbf; ``answers`` are given first, in turn."""

    def __init__(self) -> None:
        self.body = BODY
        self.tag: str | None = '"one"'
        self.date: str | None = None
        self.ranges = True
        self.md5: str | bytes | None = None
        self.cut: list[int] = []
        self.answers: list[Answer] = []
        self.asked: list[tuple[str | None, str | None]] = []
        self.headers: list[Any] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith(".md5"):
            if self.md5 is None:
                raise web.HTTPNotFound
            sum = self.md5 if isinstance(self.md5, bytes) else self.md5.encode()
            return web.Response(body=sum)
        wants, condition = request.headers.get("Range"), request.headers.get("If-Range")
        self.asked.append((wants, condition))
        self.headers.append(request.headers)
        if self.answers:
            return await self.answers.pop(0)(request)
        headers = {}
        if self.tag:
            headers["ETag"] = self.tag
        if self.date:
            headers["Last-Modified"] = self.date
        first = 0
        if wants and self.ranges and condition == (self.tag or self.date):
            first = int(wants.removeprefix("bytes=").removesuffix("-"))
            if first >= len(self.body):
                return web.Response(status=416, headers={"Content-Range": f"bytes */{len(self.body)}"})
            headers["Content-Range"] = f"bytes {first}-{len(self.body) - 1}/{len(self.body)}"
        status = 206 if "Content-Range" in headers else 200
        return await self.sent(request, status, headers, self.body[first:])

    async def sent(
        self, request: web.Request, status: int, headers: dict[str, str], body: bytes, length: int | None = None
    ) -> web.StreamResponse:
        """``cut``: how many bytes of it each time, before the connection ends."""
        response = web.StreamResponse(status=status, headers=headers)
        response.content_length = len(body) if length is None else length
        await response.prepare(request)
        most = self.cut.pop(0) if self.cut else len(body)
        await response.write(body[:most])
        if most < response.content_length:
            assert request.transport
            request.transport.close()
        return response


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    played = Server()
    app = web.Application()
    app.router.add_get("/{path:.*}", played.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    played.url = f"http://127.0.0.1:{runner.addresses[0][1]}/europe/monaco-latest.osm.pbf"
    yield played
    await runner.cleanup()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.0)


@pytest.fixture
async def net() -> AsyncIterator[Network]:
    async with Network(NetSettings(allow_networks=("127.0.0.0/8",), user_agent="Me/1 (+https://me.example)")) as net:
        yield net


def status(code: int, text: str = "", **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, text=text, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return answer


def left(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir())


async def test_a_whole_file(server: Server, net: Network, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    path = await download(net, server.url, tmp_path / "new" / "folder", lambda done, of: seen.append((done, of)))
    assert path.read_bytes() == BODY
    assert path == stored_as(server.url, tmp_path / "new" / "folder")
    assert path.name.startswith("monaco-latest.")
    assert path.name.endswith(".osm.pbf")
    assert seen[0] == (0, len(BODY))
    assert seen[-1] == (len(BODY), len(BODY))
    assert server.asked == [(None, None)]
    (headers,) = server.headers
    assert headers["User-Agent"] == "Me/1 (+https://me.example)"
    assert headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("tag", ['"one"', None])
async def test_it_goes_on_where_it_broke_off(server: Server, net: Network, tmp_path: Path, tag: str | None) -> None:
    server.tag, server.date = tag, "Tue, 24 Nov 2026 10:00:00 GMT"
    known = tag or server.date
    server.cut = [300_000, 0, 400_000]
    seen: list[int] = []
    path = await download(net, server.url, tmp_path, lambda done, of: seen.append(done))
    assert path.read_bytes() == BODY
    assert server.asked[0] == (None, None)
    begun = [int(wants.removeprefix("bytes=").removesuffix("-")) for wants, _ in server.asked[1:] if wants]
    assert len(begun) == 3
    assert 0 < begun[0] == begun[1] < begun[2] < len(BODY)
    assert {condition for _, condition in server.asked[1:]} == {known}
    assert seen == sorted(seen)


async def test_another_process_goes_on_with_it(server: Server, net: Network, tmp_path: Path) -> None:
    server.cut = [500_000] + [0] * 10
    with pytest.raises(Unavailable, match="goes on where it stopped"):
        await download(net, server.url, tmp_path)
    assert len(server.asked) == module.TRIES + 1
    assert left(tmp_path) == [".part", ".tag"]
    server.cut.clear()
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY
    assert server.asked[-1] != (None, None)


async def test_a_file_that_changed_meanwhile_is_taken_from_the_start(
    server: Server, net: Network, tmp_path: Path
) -> None:
    server.cut = [500_000] + [0] * 10
    with pytest.raises(Unavailable):
        await download(net, server.url, tmp_path)
    server.cut.clear()
    server.body, server.tag = BODY[::-1], '"two"'
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY[::-1]
    assert server.asked[-1][1] == '"one"'


async def test_a_server_that_ignores_the_condition_does_not_mix_two_files(
    server: Server, net: Network, tmp_path: Path
) -> None:
    async def rest_of_another(request: web.Request) -> web.StreamResponse:
        first = int(request.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        headers = {"Content-Range": f"bytes {first}-{len(BODY) - 1}/{len(BODY)}", "ETag": '"two"'}
        return web.Response(status=206, body=BODY[::-1][first:], headers=headers)

    async def another_range(request: web.Request) -> web.StreamResponse:
        headers = {"Content-Range": f"bytes 7-{len(BODY) - 1}/{len(BODY)}", "ETag": '"one"'}
        return web.Response(status=206, body=BODY[7:], headers=headers)

    for wrong in (rest_of_another, another_range):
        server.cut, server.asked = [500_000], []
        task = asyncio.create_task(download(net, server.url, tmp_path))
        while not server.asked:
            await asyncio.sleep(0)
        server.answers = [wrong]
        assert (await task).read_bytes() == BODY
        assert server.answers == []
        discard(server.url, tmp_path)


async def test_a_server_without_ranges(server: Server, net: Network, tmp_path: Path) -> None:
    server.ranges = False
    server.cut = [500_000, 200_000]
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY
    assert len(server.asked) == 3


async def test_without_a_mark_nothing_is_gone_on_with(server: Server, net: Network, tmp_path: Path) -> None:
    server.tag = None
    server.cut = [500_000]
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY
    assert server.asked == [(None, None)] * 2


async def test_a_server_that_never_gets_further_is_given_up(server: Server, net: Network, tmp_path: Path) -> None:
    server.ranges = False
    server.cut = [500_000, 200_000, 300_000, 100_000, 400_000, 250_000, 350_000, 1, 2, 3]
    with pytest.raises(Unavailable, match="breaks off"):
        await download(net, server.url, tmp_path)
    assert len(server.asked) <= 2 * module.TRIES


async def test_a_whole_that_is_there_is_not_fetched_again(server: Server, net: Network, tmp_path: Path) -> None:
    path = await download(net, server.url, tmp_path)
    assert await download(net, server.url, tmp_path) == path
    assert server.asked[1:] == [(f"bytes={len(BODY)}-", '"one"')]  # and was answered 416
    assert path.read_bytes() == BODY
    changed(server.url, tmp_path)
    path.write_bytes(b"ours")
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY
    discard(server.url, tmp_path)
    assert left(tmp_path) == []


async def test_a_range_beyond_the_end_is_taken_from_the_start(server: Server, net: Network, tmp_path: Path) -> None:
    path = await download(net, server.url, tmp_path)
    path.write_bytes(BODY + b"more")
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY
    assert server.asked[1:] == [(f"bytes={len(BODY) + 4}-", '"one"'), (None, None)]


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (status(404), InvalidInput, "nothing at .*monaco.*404"),
        (status(410), InvalidInput, "nothing at .*410"),
        (status(403), Unavailable, "refuses .*403"),
        (status(500), Unavailable, "refuses .*500"),
        (status(429, Retry_After="120"), Unavailable, r"busy \(HTTP 429\); try again in 120 s"),
        (status(503, Retry_After="Tue, 24 Nov 2026 10:00:00 GMT"), Unavailable, "busy .*503.*; try again later"),
        (status(504), Unavailable, "busy .*504"),
        (status(200, "<html>Sorry</html>", Content_Type="text/html"), InvalidInput, "is a web page"),
        (status(302, Location="ftp://127.0.0.1/x"), InvalidInput, "no web address"),
    ],
)
async def test_what_a_server_says(
    server: Server, net: Network, tmp_path: Path, answer: Answer, error: type[OrbweaveError], message: str
) -> None:
    server.answers = [answer]
    with pytest.raises(error, match=message) as raised:
        await download(net, f"{server.url}?key=secret", tmp_path)
    assert "secret" not in str(raised.value)
    assert left(tmp_path) == []
    assert len(server.asked) == 1


async def test_redirects_are_followed_but_not_for_ever(server: Server, net: Network, tmp_path: Path) -> None:
    server.answers = [status(302, Location="/mirror/monaco.osm.pbf")]
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY
    server.asked.clear()
    server.answers = [status(302, Location="/again")] * 50
    with pytest.raises(Unavailable, match="without end"):
        await download(net, f"{server.url}?2", tmp_path)
    assert len(server.asked) <= module.REDIRECTS + 1


async def test_a_redirect_into_the_private_network_is_refused(server: Server, net: Network, tmp_path: Path) -> None:
    server.answers = [status(302, Location="http://10.0.0.1/x")]
    with pytest.raises(Unavailable, match=r"10\.0\.0\.1 is not a public address"):
        await download(net, server.url, tmp_path)


async def test_a_stall_is_a_drop(server: Server, net: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALL_SECONDS", 0.1)
    for_ever = asyncio.Event()

    async def stalls(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"ETag": '"one"'})
        response.content_length = len(BODY)
        await response.prepare(request)
        await response.write(BODY[:300_000])
        await for_ever.wait()
        return response

    async def silent(request: web.Request) -> web.StreamResponse:
        await for_ever.wait()
        return web.Response()

    server.answers = [stalls]
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY
    assert server.asked[1][0] is not None
    server.answers = [silent] * module.TRIES
    with pytest.raises(Unavailable, match="no more of it comes"):
        await download(net, f"{server.url}?2", tmp_path)
    for_ever.set()


async def test_nobody_listens(net: Network, tmp_path: Path, server: Server) -> None:
    async def closed(reader: Any, writer: Any) -> None: ...

    listener = await asyncio.start_server(closed, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    with pytest.raises(Unavailable, match="cannot be fetched"):
        await download(net, f"http://127.0.0.1:{port}/x.osm.pbf", tmp_path)


@pytest.mark.parametrize("md5", [f"{hashlib.md5(BODY).hexdigest()}  monaco-latest.osm.pbf\n", "<html>no", b"\xff" * 32])
async def test_the_checksum_fits_or_is_none(server: Server, net: Network, tmp_path: Path, md5: str | bytes) -> None:
    server.md5 = md5
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY
    assert len(server.asked) == 1


async def test_a_wrong_checksum_is_tried_again_once_and_nothing_kept(
    server: Server, net: Network, tmp_path: Path
) -> None:
    server.md5 = f"{'0' * 32}  monaco-latest.osm.pbf\n"
    with pytest.raises(Unavailable, match="arrived damaged twice"):
        await download(net, server.url, tmp_path)
    assert server.asked == [(None, None)] * 2
    assert left(tmp_path) == []


async def test_what_was_damaged_once_arrives_the_second_time(server: Server, net: Network, tmp_path: Path) -> None:
    server.md5 = hashlib.md5(BODY).hexdigest()
    server.answers = [status(200, "damaged")]
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY


async def test_a_full_disk_is_said_before_it_begins(
    server: Server, net: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(2**40, 0, module.ROOM + len(BODY) - 1))
    with pytest.raises(SetupError, match="only 200 MB free"):
        await download(net, server.url, tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(2**40, 0, module.ROOM + len(BODY)))
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY


async def test_a_disk_that_fills_up_is_said(
    server: Server, net: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(done: int, total: int | None) -> None:
        if done:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(SetupError, match="No space left on device; free some room and go on"):
        await download(net, server.url, tmp_path, full)
    assert (await download(net, server.url, tmp_path)).read_bytes() == BODY
    assert server.asked[1][0] is not None


async def test_two_processes_do_not_write_one_file(server: Server, net: Network, tmp_path: Path) -> None:
    begun = asyncio.Event()
    go_on = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"ETag": '"one"'})
        response.content_length = len(BODY)
        await response.prepare(request)
        await response.write(BODY[:1000])
        begun.set()
        await go_on.wait()
        await response.write(BODY[1000:])
        return response

    server.answers = [slow]
    first = asyncio.create_task(download(net, server.url, tmp_path))
    await begun.wait()
    while not stored_as(server.url, tmp_path).with_suffix(".pbf.part").exists():
        await asyncio.sleep(0)
    with pytest.raises(Conflict, match="downloaded already"):
        await download(net, server.url, tmp_path)
    go_on.set()
    assert (await first).read_bytes() == BODY


async def test_private_addresses_are_refused_unless_allowed(server: Server, tmp_path: Path) -> None:
    async with Network() as net:
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1 is not a public address"):
            await download(net, server.url, tmp_path)
    assert server.asked == []


async def test_nobody_is_asked_without_a_contact(server: Server, tmp_path: Path) -> None:
    port = server.url.split(":")[2].split("/")[0]
    # A public address, whose connections a test sends to loopback, counts as what it leads to: the rule is the net's.
    async with Network(NetSettings(allow_networks=("127.0.0.0/8",))) as net:
        assert (await download(net, f"http://127.0.0.1:{port}/x.osm.pbf", tmp_path)).read_bytes() == BODY
    async with Network() as net:
        with pytest.raises(Unavailable, match="ORBWEAVE_USER_AGENT"):
            await download(net, "http://198.41.0.4/x.osm.pbf", tmp_path)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/latest.osm.pbf", "https://b.example/latest.osm.pbf"),
        ("https://a.example/x.osm.pbf?day=1", "https://a.example/x.osm.pbf?day=2"),
    ],
)
def test_no_two_addresses_share_a_file(one: str, other: str, tmp_path: Path) -> None:
    assert stored_as(one, tmp_path) != stored_as(other, tmp_path)


@pytest.mark.parametrize(
    "url",
    ["https://a.example", "https://a.example/..", "https://a.example/%2e%2e%2fx", f"https://a.example/{'x' * 999}"],
)
def test_every_address_has_a_usable_name(url: str, tmp_path: Path) -> None:
    path = stored_as(url, tmp_path)
    assert path.parent == tmp_path
    assert path.resolve().parent == tmp_path.resolve()
    assert path.name.endswith(".osm.pbf")
    path.write_bytes(b"")
