"""Every behaviour of behaviours.yaml, played on loopback."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from verify_loopback import NO_USER, Script, mx, record, spoken, world

TABLE = yaml.safe_load((Path(__file__).parent / "behaviours.yaml").read_text("utf-8"))
FLAGS = {
    "is_deliverable", "is_free_email", "is_disposable", "is_role_account", "is_catch_all", "is_disabled",
    "has_full_inbox",
}  # fmt: skip
STEPS = ("banner", "ehlo", "helo", "starttls", "mail", "rset", "quit")


@dataclass(frozen=True)
class Case:
    name: str
    verdict: tuple[str, str, int]
    flags: frozenset[str]
    play: dict[str, Any]


CASES = [
    Case(
        str(name),
        tuple(group["verdict"]),
        frozenset(group["flags"]),
        play if isinstance(play, dict) else {"rcpt": play},
    )
    for group in TABLE
    for name, play in group["cases"].items()
]


@pytest.fixture(scope="module")
def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("mx.a.test").configure_cert(context)
    return context


def script(play: dict[str, Any], step: float, tls: ssl.SSLContext) -> Script:
    said = {name: spoken(play[name], step) for name in STEPS if name in play}
    rcpt = play.get("rcpt", {})
    if isinstance(rcpt, dict):
        rcpt = {str(local): spoken(reply, step) for local, reply in rcpt.items()}
    else:
        rcpt = {"bob": spoken(rcpt, step), "postmaster": NO_USER}
    return Script(rcpt=rcpt, tls=tls if play.get("tls") else None, **said)


def records(dns: dict[str, Any]) -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {}
    for key, values in dns.items():
        name, _, kind = key.partition(" ")
        found[name, kind or "*"] = [record(kind, value) for value in values] if kind else values
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_behaviour(case: Case, server_tls: ssl.SSLContext) -> None:
    step = case.play.get("timeout", 5.0)
    plays = case.play.get("servers", {"mx.a.test": case.play})
    servers: dict[str, Script | None] = {name: script(play, step, server_tls) for name, play in plays.items()}
    servers |= dict.fromkeys(case.play.get("dead", []))
    dns = records(case.play["dns"]) if "dns" in case.play else {("a.test", "MX"): mx(*servers)}
    async with world(servers, dns, timeout=step) as here:
        result = await here.one(case.play.get("email", "bob@a.test"))
    flags = result["flags"]
    assert (result["status"], result["sub_status"], result["score"]) == case.verdict, result
    assert {name for name in FLAGS if flags[name]} == case.flags
    assert flags["is_valid_syntax"] is (case.verdict[1] != "invalid_syntax")
    assert result["reason"]
    for server in here.servers.values():
        assert not any(command.upper().startswith(("DATA", "BDAT", "VRFY", "EXPN")) for command in server.commands)
        assert server.most <= 1
    if case.verdict[1] in ("no_mx", "invalid_syntax"):
        assert not any(server.sessions for server in here.servers.values())


def test_there_are_enough_and_each_has_its_own_name() -> None:
    assert len(CASES) >= 100
    assert len({(case.verdict, case.name) for case in CASES}) == len(CASES)


async def test_what_does_not_fit_a_datagram_is_asked_again_by_tcp() -> None:
    async with world(records={("a.test", "MX"): mx("mx.a.test"), ("a.test", "*"): "truncated"}) as here:
        await here.one("bob@a.test")
    assert here.names.tcp == [("a.test", "MX")]
