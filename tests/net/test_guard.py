from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.errors import InvalidInput
from orbweave.net import guard


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.5",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_refused(address: str) -> None:
    assert not guard.is_allowed(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["9.9.9.9", "172.32.0.1", "100.128.0.1", "2620:fe::fe", "64:ff9b::909:909", "::ffff:9.9.9.9", "2002:909:909::1"],
)
def test_allowed(address: str) -> None:
    assert guard.is_allowed(ip_address(address))


def test_exempt_networks() -> None:
    exempt = guard.parse_networks(["127.0.0.0/8", "fd00::/8"])
    assert guard.is_allowed(ip_address("127.9.9.9"), exempt)
    assert guard.is_allowed(ip_address("::ffff:127.0.0.1"), exempt)
    assert guard.is_allowed(ip_address("fd00::1"), exempt)
    assert not guard.is_allowed(ip_address("10.0.0.1"), exempt)


def test_a_bad_network_is_explained() -> None:
    with pytest.raises(InvalidInput, match=r"10\.0\.0\.0/8"):
        guard.parse_networks(["ten"])


@pytest.mark.parametrize(
    "host", ["2130706433", "127.1", "0x7f.1", "0177.0.0.1", "0x7f000001", "1.2.3.4.5", "127.0.0.1."]
)
def test_disguised(host: str) -> None:
    assert guard.is_disguised_address(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]", "example.com", "4chan.example", "x.1a", "0x.example"])
def test_not_disguised(host: str) -> None:
    assert not guard.is_disguised_address(host)


@given(st.ip_addresses(v=4))
def test_a_transition_address_is_as_public_as_what_it_carries(inner: IPv4Address) -> None:
    number = int(inner)
    carriers = [
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x64FF9B << 96) | number),
        IPv6Address((0x2002 << 112) | (number << 80)),
    ]
    assert {guard.is_public(carrier) for carrier in carriers} == {guard.is_public(inner)}
