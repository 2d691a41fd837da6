from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from orbweave.errors import InvalidInput
from orbweave.net import (
    MX,
    AddressRefused,
    ContactMissing,
    NameNotFound,
    NameTimeout,
    NameUnavailable,
    NetSettings,
    Network,
    ServFail,
)

LOOPBACK = ("127.0.0.0/8",)


def network(dns, **settings) -> Network:  # type: ignore[no-untyped-def]
    return Network(NetSettings(nameservers=(dns.nameserver,), **settings))


async def test_addresses_of_both_families_are_asked_once_and_remembered(dns) -> None:  # type: ignore[no-untyped-def]
    dns.zone = {("a.example", "A"): ["60 A 9.9.9.9"], ("a.example", "AAAA"): ["60 AAAA 2620:fe::fe"]}
    async with network(dns) as net:
        assert sorted(await net.addresses("A.example.")) == ["2620:fe::fe", "9.9.9.9"]
        assert sorted(await net.addresses("a.example")) == ["2620:fe::fe", "9.9.9.9"]
    assert sorted(dns.asked) == [("a.example", "A"), ("a.example", "AAAA")]


async def test_names_in_other_scripts_are_asked_in_idna(dns) -> None:  # type: ignore[no-untyped-def]
    dns.zone = {("xn--mller-kva.example", "A"): ["60 A 9.9.9.9"]}
    async with network(dns) as net:
        assert await net.addresses("müller.example") == ["9.9.9.9"]


async def test_what_is_not_there_is_told_apart_from_what_could_not_be_asked(dns) -> None:  # type: ignore[no-untyped-def]
    dns.zone = {("mailonly.example", "MX"): ["60 MX 10 mx.mailonly.example."]}
    dns.broken = {"broken.example"}
    async with network(dns) as net:
        for host in ("missing.example", "mailonly.example", "", "a..b", "x" * 64 + ".example", "bad name.example"):
            with pytest.raises(NameNotFound):
                await net.addresses(host)
        with pytest.raises(ServFail):
            await net.addresses("broken.example")
        with pytest.raises(ServFail):
            await net.mx("broken.example")


async def test_failures_are_not_remembered(dns) -> None:  # type: ignore[no-untyped-def]
    dns.broken = {"a.example"}
    async with network(dns) as net:
        with pytest.raises(NameUnavailable):
            await net.addresses("a.example")
        dns.broken.clear()
        dns.zone = {("a.example", "A"): ["60 A 9.9.9.9"]}
        assert await net.addresses("a.example") == ["9.9.9.9"]


async def test_silence_is_a_timeout() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        settings = NetSettings(nameservers=(f"127.0.0.1:{mute.getsockname()[1]}",), dns_timeout=0.2)
        async with Network(settings) as net:
            with pytest.raises(NameTimeout):
                await net.addresses("a.example")


async def test_mx(dns) -> None:  # type: ignore[no-untyped-def]
    dns.zone = {
        ("a.example", "MX"): ["60 MX 20 mx2.a.example.", "60 MX 10 MX1.a.example."],
        ("none.example", "A"): ["60 A 9.9.9.9"],
        ("null.example", "MX"): ["60 MX 0 ."],
    }
    async with network(dns) as net:
        assert await net.mx("a.example") == [MX(10, "mx1.a.example"), MX(20, "mx2.a.example")]
        assert await net.mx("none.example") == []
        assert await net.mx("null.example") == [MX(0, ".")]
        with pytest.raises(NameNotFound):
            await net.mx("missing.example")


async def test_one_private_address_refuses_the_host(dns) -> None:  # type: ignore[no-untyped-def]
    dns.zone = {
        ("mixed.example", "A"): ["60 A 9.9.9.9", "60 A 10.0.0.1"],
        ("map.example", "AAAA"): ["60 AAAA ::ffff:7f00:1"],
    }
    async with network(dns) as net:
        for host in ("mixed.example", "map.example", "127.0.0.1", "[::1]", "2130706433", "0x7f.1", "169.254.169.254"):
            with pytest.raises(AddressRefused):
                await net.addresses(host)
    async with network(dns, allow_networks=("10.0.0.0/8", *LOOPBACK)) as net:
        assert sorted(await net.addresses("mixed.example")) == ["10.0.0.1", "9.9.9.9"]
        assert await net.addresses("127.0.0.1") == ["127.0.0.1"]


async def test_a_mapped_host_is_checked_in_place_of_the_one_asked_for(dns) -> None:  # type: ignore[no-untyped-def]
    dns.zone = {("a.example", "A"): ["60 A 9.9.9.9"]}
    settings = {"connect_to": ("a.example:80:127.0.0.1:8080",)}
    async with network(dns, **settings) as net:
        with pytest.raises(AddressRefused):
            await net.endpoints("a.example", 80)
        assert await net.endpoints("a.example", 81) == [("9.9.9.9", 81)]
    async with network(dns, **settings, allow_networks=LOOPBACK) as net:
        assert await net.endpoints("a.example", 80) == [("127.0.0.1", 8080)]
    assert ("a.example", "A") in dns.asked


async def test_the_session_dials_checked_endpoints_only() -> None:
    app = web.Application()
    app.router.add_get("/", lambda request: web.Response(text=f"{request.host} {request.headers['User-Agent']}"))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with Network() as net, net.http_session() as session:
            for host in ("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1"):
                with pytest.raises(AddressRefused):
                    await session.get(f"http://{host}:{port}/")
        settings = NetSettings(connect_to=(f":80:127.0.0.1:{port}",), allow_networks=LOOPBACK, user_agent="Spider/1")
        async with Network(settings) as net, net.http_session() as session:
            async with session.get("http://shop.example/") as answer:
                assert await answer.text() == "shop.example Spider/1"
    finally:
        await runner.cleanup()


async def test_public_websites_are_not_asked_by_somebody_who_cannot_be_reached(dns) -> None:  # type: ignore[no-untyped-def]
    dns.zone = {("a.example", "A"): ["60 A 9.9.9.9"], ("practice.example", "A"): ["60 A 127.0.0.1"]}
    async with network(dns, allow_networks=LOOPBACK) as net:
        with pytest.raises(ContactMissing, match="ORBWEAVE_USER_AGENT"):
            await net.web_endpoints("a.example", 443)
        assert await net.web_endpoints("practice.example", 443) == [("127.0.0.1", 443)]
    async with network(dns, user_agent="Spider/1 (+https://spider.li)") as net:
        assert await net.web_endpoints("a.example", 443) == [("9.9.9.9", 443)]


async def test_tls_is_checked_against_the_name_asked_for_with_the_extra_authority(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("shop.example").configure_cert(context)
    app = web.Application()
    app.router.add_get("/", lambda request: web.Response(text="ok"))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    mapped = {"connect_to": (f":443:127.0.0.1:{runner.addresses[0][1]}",), "allow_networks": LOOPBACK}
    try:
        async with Network(NetSettings(**mapped, ca_file=tmp_path / "ca.pem")) as net, net.http_session() as session:  # type: ignore[arg-type]
            assert (await session.get("https://shop.example/")).status == 200
            with pytest.raises(OSError, match="mismatch"):
                await session.get("https://other.example/")
        async with Network(NetSettings(**mapped)) as net, net.http_session() as session:  # type: ignore[arg-type]
            with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
                await session.get("https://shop.example/")
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("server", ["", "dns.example", "127.0.0.1:x", "127.0.0.1:0", "[::1:53", "1.2.3"])
def test_bad_nameservers_are_explained(server: str) -> None:
    with pytest.raises(InvalidInput, match=r"9\.9\.9\.9"):
        Network(NetSettings(nameservers=(server,)))


def test_good_nameservers() -> None:
    Network(NetSettings(nameservers=("9.9.9.9", "127.0.0.1:5353", "[::1]:5353", "::1")))


def test_an_unusable_ca_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(InvalidInput, match=name):
            Network(NetSettings(ca_file=tmp_path / name)).tls_context()
