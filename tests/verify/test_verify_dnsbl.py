"""Block lists are asked only when named, and only a listing counts as one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from verify_loopback import OK, Script, address, world

from orbweave.errors import InvalidInput
from orbweave.net import NetSettings, Network
from orbweave.verify import Verifier
from orbweave.verify.dnsbl import BlockLists, known_zones, parse_zones
from orbweave.verify.pace import Pace

DBL, ZEN, SURBL = "dbl.spamhaus.org", "zen.spamhaus.org", "multi.surbl.org"


async def asked(zones: list[str], listed: dict[str, Any], times: int = 1) -> tuple[dict[str, Any], list[str]]:
    """The verdict on bob@a.test, whose server is at 8.8.8.8, with these block list entries; and the lists' names that
    were looked up."""
    records: dict[tuple[str, str], Any] = {("a.test", "A"): address("8.8.8.8")}
    records |= {(name, "A"): address(*answers) for name, answers in listed.items() if isinstance(answers, tuple)}
    records |= {(name, "*"): answers for name, answers in listed.items() if isinstance(answers, str)}
    async with world({"a.test": Script(rcpt={"bob": OK})}, records) as here:
        lists = BlockLists(here.network, parse_zones(zones))
        verifier = Verifier(here.network, pace=Pace(delay=0), block_lists=lists)
        options = replace(here.options, check_dnsbl=True, smtp_timeout_secs=1)
        for _ in range(times):
            [verdict] = await verifier.check_domain(["bob@a.test"], options)
    return verdict.data(), [name for name, _ in here.names.asked if name.endswith(LISTS)]


LISTS = tuple(zone.name for zone in known_zones())


@pytest.fixture(autouse=True)
def no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers at public addresses are looked up here, never dialled."""

    async def ask(self: Verifier, facts: Any, *_: Any) -> Any:
        return {email: replace(fact, route=await self._route("a.test", _[1])) for email, fact in facts.items()}

    monkeypatch.setattr(Verifier, "_ask", ask)


async def test_without_zones_nobody_is_asked_and_it_is_said_how() -> None:
    verdict, names = await asked([], {})
    assert verdict["dnsbl"] is None
    assert "ORBWEAVE_DNSBL_ZONES" in verdict["reason"]
    assert names == []


async def test_domain_and_servers_are_looked_up_once() -> None:
    verdict, names = await asked([DBL, ZEN], {}, times=2)
    assert sorted(names) == [f"8.8.8.8.{ZEN}", f"a.test.{DBL}"]
    assert verdict["dnsbl"]["blacklists_hit"] == []
    assert verdict["dnsbl"]["spam_trap_risk"] == "low"
    assert verdict["dnsbl"]["checked_at"] == verdict["checked_at"]


@pytest.mark.parametrize(
    ("listed", "hit", "risk"),
    [
        ({f"a.test.{DBL}": ("127.0.1.2",)}, [DBL], "medium"),
        ({f"8.8.8.8.{ZEN}": ("127.0.0.4", "127.0.0.11")}, [ZEN], "high"),
        ({f"a.test.{DBL}": ("127.0.1.106",), f"8.8.8.8.{ZEN}": ("127.0.0.2",)}, [DBL, ZEN], "high"),
        # About us, not about the name:
        ({f"a.test.{DBL}": ("127.255.255.254",)}, [], "low"),
        ({f"a.test.{DBL}": ("127.0.1.255",)}, [], "low"),
        ({f"8.8.8.8.{ZEN}": ("127.255.255.252",)}, [], "low"),
        ({f"a.test.{DBL}": ("192.0.2.1",)}, [], "low"),
        ({f"a.test.{DBL}": "SERVFAIL"}, [], "low"),
    ],
)
async def test_only_a_listing_is_a_hit(listed: dict[str, Any], hit: list[str], risk: str) -> None:
    verdict, _ = await asked([DBL, ZEN], listed)
    assert (verdict["dnsbl"]["blacklists_hit"], verdict["dnsbl"]["spam_trap_risk"]) == (hit, risk)


async def test_lists_that_do_not_serve_us_say_nothing() -> None:
    verdict, _ = await asked([DBL, SURBL], {f"a.test.{DBL}": ("127.255.255.254",), f"a.test.{SURBL}": ("127.0.0.1",)})
    assert verdict["dnsbl"] is None
    assert "No block list" in verdict["reason"]


async def test_a_key_is_asked_with_and_not_shown() -> None:
    keyed = "secret.dbl.dq.spamhaus.net"
    verdict, names = await asked([keyed], {f"a.test.{keyed}": ("127.0.1.2",)})
    assert names == [f"a.test.{keyed}"]
    assert verdict["dnsbl"]["blacklists_hit"] == [DBL]
    assert "secret" not in str(verdict)


def test_other_zones_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"zen\.spamhaus\.org") as refused:
        parse_zones(["secret.lists.example"])
    assert "secret" not in str(refused.value)


async def test_public_resolvers_are_not_used_for_lists_that_forbid_it() -> None:
    async with Network(NetSettings(nameservers=("8.8.8.8:53",))) as network:
        assert BlockLists(network, parse_zones([DBL, "bl.spamcop.net"]))._usable == parse_zones(["bl.spamcop.net"])
