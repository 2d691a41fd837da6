"""What servers look up about us."""

from __future__ import annotations

from typing import Any

import pytest
from dnslib import PTR, TXT
from verify_loopback import NameServer, address, mx

from orbweave.errors import InvalidInput
from orbweave.net import NameUnavailable, NetSettings, Network
from orbweave.verify import VerifyOptions
from orbweave.verify.identity import faults

NAME = "mail.me.test"
GOOD: dict[tuple[str, str], Any] = {
    (NAME, "A"): address("192.0.2.1"),
    (NAME, "TXT"): [TXT("v=spf1 a -all")],
    ("1.2.0.192.in-addr.arpa", "PTR"): [PTR("Mail.Me.test.")],
    ("me.test", "MX"): mx(NAME),
    ("me.test", "TXT"): [TXT("unrelated"), TXT("v=spf1 mx -all")],
}


async def found(records: dict[tuple[str, str], Any], name: str = NAME, sender: str = "") -> list[str]:
    async with NameServer(records) as names:
        async with Network(NetSettings(nameservers=(f"127.0.0.1:{names.port}",))) as network:
            return await faults(network, name, sender)


@pytest.mark.parametrize("sender", ["", "probe@me.test"])
async def test_a_name_that_fits(sender: str) -> None:
    assert await found(GOOD, sender=sender) == []


@pytest.mark.parametrize(
    ("without", "word"),
    [
        ((NAME, "A"), "leads to no address"),
        ((NAME, "TXT"), "no SPF"),
        (("1.2.0.192.in-addr.arpa", "PTR"), "no name"),
    ],
)
async def test_what_is_missing_is_named(without: tuple[str, str], word: str) -> None:
    [fault] = await found({key: value for key, value in GOOD.items() if key != without})
    assert word in fault


async def test_an_address_that_is_called_otherwise() -> None:
    [fault] = await found({**GOOD, ("1.2.0.192.in-addr.arpa", "PTR"): [PTR("home.isp.test")]})
    assert "home.isp.test, not mail.me.test" in fault


async def test_a_sender_that_cannot_be_answered() -> None:
    faults = await found({**GOOD, ("nowhere.test", "TXT"): [TXT("v=spf1 -all")]}, sender="a@nowhere.test")
    assert len(faults) == 1
    assert "cannot be answered" in faults[0]


async def test_an_address_is_no_name() -> None:
    assert "not a name" in (await found({}, "[192.0.2.1]"))[0]


async def test_silence_is_not_an_answer() -> None:
    with pytest.raises(NameUnavailable):
        await found({(NAME, "*"): "SERVFAIL"})


@pytest.mark.parametrize(
    "name", ["gmail.com", "mx.gmail.com", "hotmail.de.", "localhost", "probe", "pc.local", "1.2.3.4"]
)
def test_a_name_that_is_not_ours_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        VerifyOptions(hello_name=name)
    assert refused.value.field == "hello_name"


@pytest.mark.parametrize("sender", ["me@gmail.com", "me@yahoo.co.uk", "me@web.de"])
def test_a_sender_at_a_mail_provider_is_refused(sender: str) -> None:
    with pytest.raises(InvalidInput, match="a mail provider's") as refused:
        VerifyOptions.from_payload({"email": "bob@a.test", "from_email": sender})
    assert refused.value.field == "from_email"


def test_what_is_ours_is_not_refused() -> None:
    VerifyOptions(from_email="probe@me.test", hello_name="ec2-1-2-3-4.compute.amazonaws.com")
    VerifyOptions(hello_name="[192.0.2.1]")
