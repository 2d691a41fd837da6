"""Gravatar is asked only on request, with the hash it documents."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from aiohttp import web
from verify_loopback import NameServer

from orbweave.net import NetSettings, Network
from orbweave.verify import Verifier, VerifyOptions


@asynccontextmanager
async def gravatar(folder: Path, status: dict[str, int]) -> AsyncIterator[tuple[Network, list[str]]]:
    """A Gravatar that answers by hash, and what it was asked."""
    asked: list[str] = []

    async def picture(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        return web.Response(status=status.get(request.match_info["hash"], 404))

    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("gravatar.com").configure_cert(context)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    app = web.Application()
    app.router.add_get("/avatar/{hash}", picture)
    runner = web.AppRunner(app)
    await runner.setup()
    await (site := web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)).start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    async with NameServer({}) as names:
        settings = NetSettings(
            nameservers=(f"127.0.0.1:{names.port}",),
            connect_to=(f"gravatar.com:443:127.0.0.1:{port}",),
            ca_file=folder / "ca.pem",
            allow_networks=("127.0.0.0/8",),
        )
        async with Network(settings) as network:
            yield network, asked
    await runner.cleanup()


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def test_asked_only_when_wanted(tmp_path: Path) -> None:
    async with gravatar(tmp_path, {}) as (network, asked):
        [verdict] = await Verifier(network).check_domain(["bob@gone.test"])
    assert asked == []
    assert (verdict.data()["flags"]["has_gravatar"], verdict.data()["gravatar_url"]) == (None, None)


@pytest.mark.parametrize(("status", "expected"), [(200, True), (404, False), (500, None), (302, None)])
async def test_answers(tmp_path: Path, status: int, expected: bool | None) -> None:
    async with gravatar(tmp_path, {sha256("bob@gone.test"): status}) as (network, asked):
        options = VerifyOptions(check_gravatar=True)
        bad, good = await Verifier(network).check_domain(["no address", " Bob@gone.test "], options)
    assert asked == [f"/avatar/{sha256('bob@gone.test')}?d=404"]
    assert good.data()["flags"]["has_gravatar"] is expected
    assert (good.data()["gravatar_url"] is not None) == (expected is True)
    assert bad.data()["flags"]["has_gravatar"] is None


async def test_out_of_reach_is_not_known() -> None:
    async with NameServer({}) as names:
        settings = NetSettings(
            nameservers=(f"127.0.0.1:{names.port}",), connect_to=("gravatar.com:443:127.0.0.1:9",)
        )  # and loopback is not allowed
        async with Network(settings) as network:
            options = VerifyOptions(check_gravatar=True)
            [verdict] = await Verifier(network).check_domain(["bob@gone.test"], options)
    assert verdict.data()["flags"]["has_gravatar"] is None
