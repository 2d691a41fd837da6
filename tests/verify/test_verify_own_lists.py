"""The operator's folder of lists, and the list that is downloaded into it."""

from __future__ import annotations

import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from verify_loopback import OK, NameServer, Script, world

from orbweave.errors import InvalidInput, Unavailable
from orbweave.net import NetSettings, Network
from orbweave.verify import Verifier, list_folder, lists
from orbweave.verify.list_folder import ListFolder, download
from orbweave.verify.pace import Pace

PLENTY = "".join(f"throwaway{i}.test\n" for i in range(6000))


@pytest.fixture(autouse=True)
def look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_folder, "LOOK_AGAIN", 0.0)


def test_own_entries_come_first(tmp_path: Path) -> None:
    (tmp_path / "disposable.txt").write_text("# mine\nThrow.test  # a comment\n\nduck.com\nnot a domain\nbücher.test\n")
    (tmp_path / "allowed.txt").write_text("mailinator.com\n")
    (tmp_path / "never.txt").write_text("@competitor.test\n")
    own = ListFolder(tmp_path)
    assert all(map(own.is_disposable, ("throw.test", "x.throw.test", "duck.com", "xn--bcher-kva.test", "yopmail.com")))
    assert not any(map(own.is_disposable, ("mailinator.com", "x.mailinator.com", "gmail.com", "test")))
    assert own.is_never("competitor.test")
    assert own.is_never("mail.competitor.test")
    assert not own.is_never("test")
    assert [(one.name, one.entries) for one in own.editions()][-3:] == [
        ("own disposable", 3), ("own allowed", 1), ("never", 1),
    ]  # fmt: skip


def test_without_a_folder_the_packaged_lists_hold() -> None:
    for own in (ListFolder(), ListFolder(Path("/nowhere"))):
        assert own.is_disposable("mailinator.com")
        assert not own.is_never("mailinator.com")
        assert own.editions() == lists.editions()
        assert all(one.edition for one in own.editions())


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    own = ListFolder(tmp_path)
    assert not own.is_disposable("throw.test")
    (tmp_path / "disposable.txt").write_text("throw.test\n")
    assert own.is_disposable("throw.test")
    (tmp_path / "disposable.txt").unlink()
    assert not own.is_disposable("throw.test")


@pytest.mark.parametrize(("package", "used"), [("0.0.99999", True), ("0.0.1", False)])
def test_a_downloaded_list_is_used_unless_the_package_is_newer(tmp_path: Path, package: str, used: bool) -> None:
    header = f"# Downloaded 2026-11-24T08:00:00Z from https://lists.test/ in place of {package}\n"
    (tmp_path / "downloaded.txt").write_text(header + "throw.test\n")
    own = ListFolder(tmp_path)
    assert own.is_disposable("throw.test") is used
    assert own.is_disposable("mailinator.com") is not used
    assert (own.editions()[0].edition == "2026-11-24") is used


async def test_a_domain_on_the_never_list_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "never.txt").write_text("a.test\n")
    async with world({"mx.a.test": Script(rcpt={"bob": OK})}) as here:
        verifier = Verifier(here.network, pace=Pace(delay=0), own_lists=ListFolder(tmp_path))
        bob, bad = await verifier.check_domain(["bob@a.test", "no address"], here.options)
    assert here.servers["mx.a.test"].sessions == []
    assert (bob.status, bob.sub_status, bob.greylisted) == ("unknown", "blocked", False)
    assert "never asked" in bob.reason
    assert bad.sub_status == "invalid_syntax"


@asynccontextmanager
async def site(folder: Path, text: str, status: int = 200) -> AsyncIterator[Network]:
    """A website with a list at https://lists.test/."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=text, status=status, headers={"Location": "http://lists.test/x"})

    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("lists.test").configure_cert(context)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await (tcp := web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)).start()
    port = tcp._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    async with NameServer({}) as names:
        settings = NetSettings(
            nameservers=(f"127.0.0.1:{names.port}",),
            connect_to=(f"lists.test:443:127.0.0.1:{port}", "lists.test:80:127.0.0.1:1"),
            ca_file=folder / "ca.pem",
            allow_networks=("127.0.0.0/8",),
        )
        async with Network(settings) as network:
            yield network
    await runner.cleanup()


async def test_a_download_is_used_at_once_by_who_runs_already(tmp_path: Path) -> None:
    own = ListFolder(tmp_path / "lists")
    assert not own.is_disposable("throwaway7.test")
    async with site(tmp_path, PLENTY) as network:
        edition = await download(network, "https://lists.test/", tmp_path / "lists")
    assert (edition.entries, edition) == (6000, own.editions()[0])
    assert own.is_disposable("throwaway7.test")
    assert os.listdir(tmp_path / "lists") == ["downloaded.txt"]


@pytest.mark.parametrize(
    ("text", "status", "why"),
    [
        ("throw.test\n" * 9000, 200, "at least 5000"),
        (PLENTY + "gmail.com\n", 200, "calls gmail.com disposable"),
        (PLENTY + "com\n" + "appleid.com\n", 200, "privaterelay.appleid.com"),
        (PLENTY + "<p>not found</p>\n" * 6000, 200, "no list of disposable domains"),
        (PLENTY, 404, "HTTP 404"),
        (PLENTY, 302, "cannot be fetched"),
    ],
)
async def test_a_list_that_cannot_be_believed_is_not_taken(tmp_path: Path, text: str, status: int, why: str) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "downloaded.txt").write_text("former")
    async with site(tmp_path, text, status) as network:
        with pytest.raises(Unavailable, match=why):
            await download(network, "https://lists.test/", folder)
    assert (folder / "downloaded.txt").read_text() == "former"
    assert os.listdir(folder) == ["downloaded.txt"]


async def test_only_https(tmp_path: Path) -> None:
    async with Network() as network:
        with pytest.raises(InvalidInput, match="https://"):
            await download(network, "http://lists.test/", tmp_path)
