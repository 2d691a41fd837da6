"""Which servers are asked, how often, and in which order."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
import trustme
from dnslib import MX
from verify_loopback import DROP, HANG, NO_USER, OK, Drip, Script, Slow, address, mx, world

from orbweave.verify import Verifier


def statuses(results: Any) -> list[str]:
    return [one.status for one in results]


def recipients(commands: list[str]) -> list[str]:
    return [command.partition("<")[2].partition("@")[0] for command in commands if command.startswith("RCPT")]


async def test_target_first_then_one_control_in_one_session() -> None:
    async with world({"mx.a.test": Script(rcpt={"bob": OK})}) as here:
        result = await here.one("bob@a.test")
        [commands] = here.servers["mx.a.test"].sessions
    asked = recipients(commands)
    assert asked[0] == "bob"
    assert len(asked) == 2
    assert commands[-1] == "QUIT"
    assert result["attempts"] == 1
    assert result["mx_used"] == "mx.a.test"
    assert [line["command"].split(" ")[0] for line in result["transcript"]] == [
        "(connected)", "EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT",
    ]  # fmt: skip
    assert all(len(line["command"]) <= 200 and len(line["reply"]) <= 200 for line in result["transcript"])


@pytest.mark.parametrize(
    ("answers", "status", "asked"),
    [
        ([NO_USER, OK], "valid", 1),
        ([OK, OK], "risky", 2),
        ([OK, "252 will try"], "risky", 2),
        ([OK, NO_USER, NO_USER], "valid", 3),
        ([OK, NO_USER, OK], "risky", 3),
        ([OK, "451 4.7.1 Greylisted"], "unknown", 2),
        ([OK, NO_USER, "550 5.7.1 too many unknown users"], "unknown", 3),
    ],
)
async def test_as_many_random_recipients_as_it_takes(answers: list[str], status: str, asked: int) -> None:
    async with world({"mx.a.test": Script(rcpt={"bob": OK, "*": answers})}) as here:
        assert statuses(await here.ask("bob@a.test")) == [status]
        first = len(recipients(here.servers["mx.a.test"].commands))
        await here.ask("bob@a.test")
    names = recipients(here.servers["mx.a.test"].commands)
    controls = [name for name in names[:first] if name != "bob"]
    assert len(set(controls)) == asked
    # What was decided is remembered; what was not is asked again.
    assert (len(names) == first + 1) is (status != "unknown")


@pytest.mark.parametrize(("rest", "hours", "asked"), [(NO_USER, 23, 1), (NO_USER, 25, 2), (OK, 0.9, 2), (OK, 1.1, 4)])
async def test_how_long_a_domain_is_remembered(
    monkeypatch: pytest.MonkeyPatch, rest: str, hours: float, asked: int
) -> None:
    async with world({"mx.a.test": Script(rcpt={"bob": OK, "*": rest})}) as here:
        await here.ask("bob@a.test")
        later = SimpleNamespace(monotonic=lambda: time.monotonic() + hours * 3600)
        monkeypatch.setattr("orbweave.verify.verifier.time", later)
        await here.ask("bob@a.test")
    controls = [name for name in recipients(here.servers["mx.a.test"].commands) if name != "bob"]
    assert len(controls) == asked


@pytest.mark.parametrize("enough", ["452 4.5.3 Too many recipients", "550 5.5.3 Too many recipients", "421 Too many"])
async def test_full_session_is_followed_by_another(enough: str) -> None:
    script = Script(rcpt={"amy": OK, "bob": [enough, OK]})
    async with world({"mx.a.test": script}) as here:
        results = await here.ask("amy@a.test", "bob@a.test")
    assert statuses(results) == ["valid", "valid"]
    assert len(here.servers["mx.a.test"].sessions) == 2
    assert here.servers["mx.a.test"].most == 1


async def test_refused_target_is_not_compared() -> None:
    async with world({"mx.a.test": Script()}) as here:
        await here.one("bob@a.test")
    assert recipients(here.servers["mx.a.test"].commands) == ["bob"]


async def test_addresses_of_a_domain_share_a_session_and_a_control() -> None:
    people = [f"p{i}" for i in range(10)]
    async with world({"mx.a.test": Script(rcpt=dict.fromkeys(people, OK))}) as here:
        results = await here.ask(*(f"{name}@a.test" for name in people), "eve@a.test")
    server = here.servers["mx.a.test"]
    assert statuses(results) == ["valid"] * 10 + ["invalid"]
    assert len(server.sessions) == 1
    assert recipients(server.commands)[:11] == [*people, "eve"]
    assert len(recipients(server.commands)) == 12


async def test_a_hundred_addresses_take_a_handful_of_sessions() -> None:
    people = [f"p{i}" for i in range(100)]
    async with world({"mx.a.test": Script(rcpt=dict.fromkeys(people, OK))}) as here:
        results = await here.ask(*(f"{name}@a.test" for name in people))
        sessions = len(here.servers["mx.a.test"].sessions)
        again = await here.ask(*(f"{name}@a.test" for name in people))
    server = here.servers["mx.a.test"]
    assert statuses(results) == statuses(again) == ["valid"] * 100
    assert sessions <= 5
    assert len(recipients(server.commands)) == 201
    assert server.most == 1
    assert here.names.asked.count(("a.test", "MX")) == 1


async def test_repeated_addresses_are_asked_once_and_answered_each() -> None:
    async with world({"mx.a.test": Script(rcpt={"bob": OK})}) as here:
        results = await here.ask("bob@a.test", "bob@A.TEST", " bob@a.test ", "no address")
    assert statuses(results) == ["valid", "valid", "valid", "invalid"]
    assert [one.email for one in results] == ["bob@a.test", "bob@A.TEST", "bob@a.test", "no address"]
    assert recipients(here.servers["mx.a.test"].commands).count("bob") == 1


async def test_check_domain_wants_one_domain() -> None:
    async with world() as here:
        with pytest.raises(ValueError, match="one domain"):
            await here.ask("bob@a.test", "bob@b.test")


async def test_control_is_remembered_and_is_the_same_when_asked_again() -> None:
    script = Script(rcpt={"bob": OK, "*": ["451 4.7.1 Greylisted", NO_USER]})
    async with world({"mx.a.test": script}) as here:
        first, second, third = [(await here.ask("bob@a.test"))[0] for _ in range(3)]
    assert [first.status, second.status, third.status] == ["unknown", "valid", "valid"]
    assert [first.greylisted, second.greylisted] == [True, False]
    asked = [name for name in recipients(here.servers["mx.a.test"].commands) if name != "bob"]
    assert len(asked) == 2
    assert len(set(asked)) == 1


async def test_greylisted_is_worth_another_time() -> None:
    script = Script(rcpt={"bob": ["450 4.7.1 Greylisted", OK], "eve": "421 4.3.2 later", "*": NO_USER})
    async with world({"mx.a.test": script}) as here:
        [first] = await here.ask("bob@a.test")
        [busy] = await here.ask("eve@a.test")
        [second] = await here.ask("bob@a.test")
    assert (first.sub_status, first.greylisted) == ("greylisted", True)
    assert (busy.sub_status, busy.greylisted) == ("smtp_unreachable", True)
    assert (second.status, second.greylisted) == ("valid", False)


async def test_refusal_of_the_primary_stands() -> None:
    servers = {"mx1.a.test": Script(), "mx2.a.test": Script(rcpt={"*": OK})}
    async with world(servers) as here:
        result = await here.one("bob@a.test")
    assert result["status"] == "invalid"
    assert here.servers["mx2.a.test"].sessions == []


@pytest.mark.parametrize("trouble", [DROP, "421 4.3.2 busy", "nonsense"], ids=["drop", "421", "nonsense"])
@pytest.mark.parametrize("step", ["banner", "ehlo", "mail"])
async def test_next_server_when_the_first_gives_no_answer(step: str, trouble: Any) -> None:
    servers = {"mx1.a.test": Script(**{step: trouble}), "mx2.a.test": Script(rcpt={"bob": OK})}
    async with world(servers) as here:
        result = await here.one("bob@a.test")
    assert (result["status"], result["score"], result["mx_used"]) == ("valid", 100, "mx2.a.test")
    assert result["attempts"] == 2


async def test_servers_are_tried_by_preference() -> None:
    servers = {name: Script(banner=DROP) for name in ("mx3.a.test", "mx1.a.test", "mx2.a.test")}
    records = {("a.test", "MX"): [MX("mx3.a.test", 30), MX("mx1.a.test", 10), MX("mx2.a.test", 20)]}
    async with world(servers, records) as here:
        result = await here.one("bob@a.test")
    assert result["domain"]["mx_records"] == ["mx1.a.test", "mx2.a.test", "mx3.a.test"]
    assert [line["reply"] for line in result["transcript"]] == ["(the server closed the connection)"] * 3


async def test_equal_servers_share_the_load() -> None:
    names = ["mx1.a.test", "mx2.a.test"]
    async with world({name: Script() for name in names}, {("a.test", "MX"): mx(*names, preference=10)}) as here:
        for i in range(40):
            await here.one(f"p{i}@a.test")
    assert all(here.servers[name].sessions for name in names)


async def test_block_of_us_is_not_tried_elsewhere() -> None:
    servers = {
        "mx1.a.test": Script(banner="554 5.7.1 listed at zen.spamhaus.org"),
        "mx2.a.test": Script(rcpt={"*": OK}),
    }
    async with world(servers) as here:
        result = await here.one("bob@a.test")
    assert (result["status"], result["sub_status"]) == ("unknown", "blocked")
    assert here.servers["mx2.a.test"].sessions == []


async def test_greeting_that_only_says_no_leads_to_the_next_server() -> None:
    servers = {"mx1.a.test": Script(banner="554 mx1.a.test"), "mx2.a.test": Script(rcpt={"bob": OK})}
    async with world(servers) as here:
        assert (await here.one("bob@a.test"))["status"] == "valid"
    async with world({"mx1.a.test": Script(banner="554 mx1.a.test"), "mx2.a.test": Script(banner=DROP)}) as here:
        result = await here.one("bob@a.test")
    assert (result["sub_status"], result["mx_used"]) == ("blocked", "mx1.a.test")


async def test_four_servers_at_most() -> None:
    servers = {f"mx{i}.a.test": Script(banner=DROP) for i in range(7)}
    async with world(servers) as here:
        result = await here.one("bob@a.test")
    assert sum(len(server.sessions) for server in here.servers.values()) == result["attempts"] == 4


async def test_dead_server_is_not_dialled_for_each_address() -> None:
    async with world({"mx.a.test": Script(banner=DROP)}) as here:
        results = await here.ask(*(f"p{i}@a.test" for i in range(20)))
    assert statuses(results) == ["unknown"] * 20
    assert len(here.servers["mx.a.test"].sessions) == 1


async def test_server_that_refuses_the_sender_is_asked_once() -> None:
    async with world({"mx.a.test": Script(mail="550 5.7.1 no")}) as here:
        results = await here.ask(*(f"p{i}@a.test" for i in range(20)))
    assert {one.sub_status for one in results} == {"blocked"}
    assert Counter(here.servers["mx.a.test"].commands)["MAIL FROM:<>"] == 1


async def test_server_that_hangs_up_after_a_refusal_loses_nothing() -> None:
    script = Script(rcpt={"bob": OK, "amy": OK, "eve": DROP})
    async with world({"mx.a.test": script}) as here:
        bob, eve, amy = await here.ask("bob@a.test", "eve@a.test", "amy@a.test")
    assert [bob.status, eve.status, amy.status] == ["valid", "unknown", "valid"]


async def test_one_address_that_makes_the_server_drop_spoils_only_itself() -> None:
    names = ["d1", "bob", "d2", "amy", "d3", "joe"]
    script = Script(rcpt={name: DROP if name[0] == "d" else OK for name in names})
    async with world({"mx.a.test": script}) as here:
        results = await here.ask(*(f"{name}@a.test" for name in names))
    assert statuses(results) == ["unknown", "valid"] * 3


async def test_refusals_at_the_end_do_not_spoil_what_was_accepted_before() -> None:
    script = Script(rcpt={"bob": OK, "d1": DROP, "d2": DROP})
    async with world({"mx.a.test": script}) as here:
        results = await here.ask("bob@a.test", "d1@a.test", "d2@a.test", "d3@a.test")
    assert statuses(results) == ["valid", "unknown", "unknown", "unknown"]


@pytest.mark.parametrize("enough", ["421 4.7.0 Too many messages in this connection", "450 4.7.1 Too many"])
async def test_server_that_allows_few_recipients_a_session(enough: str) -> None:
    people = [f"p{i}" for i in range(6)]
    script = Script(mail=["250 ok", "250 ok", enough] * 4, rcpt=dict.fromkeys(people, OK))
    async with world({"mx.a.test": script}) as here:
        results = await here.ask(*(f"{name}@a.test" for name in people))
    assert statuses(results) == ["valid"] * 6
    assert here.servers["mx.a.test"].most == 1


async def test_implicit_mx() -> None:
    async with world({"a.test": Script(rcpt={"bob": OK})}, {("a.test", "A"): address("127.0.0.1")}) as here:
        result = await here.one("bob@a.test")
    assert (result["status"], result["score"]) == ("valid", 100)
    assert result["domain"] == {"name": "a.test", "mx_found": True, "mx_records": ["a.test"], "smtp_provider": None}


async def test_null_mx_beside_real_ones_is_ignored() -> None:
    records = {("a.test", "MX"): [MX(".", 0), MX("mx.a.test", 10)]}
    async with world({"mx.a.test": Script(rcpt={"bob": OK})}, records) as here:
        assert (await here.one("bob@a.test"))["status"] == "valid"


async def test_internationalised_domain() -> None:
    records = {("xn--bcher-kva.test", "MX"): mx("mx.a.test")}
    async with world({"mx.a.test": Script(rcpt={"bob": OK})}, records) as here:
        result = await here.one("bob@Bücher.test")
    assert (result["status"], result["email"]) == ("valid", "bob@Bücher.test")
    assert result["normalized"] == "bob@xn--bcher-kva.test"
    assert "RCPT TO:<bob@xn--bcher-kva.test>" in here.servers["mx.a.test"].commands


async def test_smtputf8_only_where_it_is_needed() -> None:
    script = Script(ehlo="250-mx\r\n250 SMTPUTF8", rcpt={"jürg": OK, "bob": OK})
    async with world({"mx.a.test": script}) as here:
        assert statuses(await here.ask("jürg@a.test", "bob@a.test")) == ["valid", "valid"]
    commands = here.servers["mx.a.test"].commands
    assert commands[1:3] == ["MAIL FROM:<> SMTPUTF8", "RCPT TO:<jürg@a.test>"]
    assert "MAIL FROM:<>" in commands


async def test_sender_and_name_are_the_operators() -> None:
    async with world(from_email="probe@b.test") as here:
        await here.one("bob@a.test")
    assert here.servers["mx.a.test"].commands[:2] == ["EHLO probe.test", "MAIL FROM:<probe@b.test>"]


@pytest.fixture(scope="module")
def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("mx.a.test").configure_cert(context)
    return context


async def test_starttls_when_offered(server_tls: ssl.SSLContext) -> None:
    script = Script(ehlo=["250-mx\r\n250 STARTTLS", "250 mx"], rcpt={"bob": OK}, tls=server_tls)
    async with world({"mx.a.test": script}) as here:
        result = await here.one("bob@a.test")
    assert result["status"] == "valid"
    [commands] = here.servers["mx.a.test"].sessions
    assert commands[:4] == ["EHLO probe.test", "STARTTLS", "EHLO probe.test", "MAIL FROM:<>"]
    assert commands[-1] == "QUIT"


@pytest.mark.parametrize("answer", ["454 4.7.0 TLS not available", "501 no"])
async def test_starttls_refused(answer: str) -> None:
    script = Script(ehlo="250-mx\r\n250 STARTTLS", starttls=answer, rcpt={"bob": OK})
    async with world({"mx.a.test": script}) as here:
        assert (await here.one("bob@a.test"))["status"] == "valid"
    assert len(here.servers["mx.a.test"].sessions) == 1


@pytest.mark.parametrize(
    "answer",
    [DROP, "220 go\r\n250 injected", "220 go but no TLS follows\r\n", "221 bye"],
    ids=["drop", "plain text after it", "no handshake", "221"],
)
async def test_broken_starttls_falls_back_to_plain_text(answer: Any) -> None:
    script = Script(ehlo="250-mx\r\n250 STARTTLS", starttls=answer, rcpt={"bob": OK})
    async with world({"mx.a.test": script}, timeout=2.0) as here:
        result = await here.one("bob@a.test")
    assert result["status"] == "valid"
    assert here.servers["mx.a.test"].most == 1


async def test_any_mix_is_grouped_by_domain_and_nothing_is_lost() -> None:
    servers = {f"mx.d{i}.test": Script(rcpt={"bob": OK}) for i in range(8)}
    records = {(f"d{i}.test", "MX"): mx(f"mx.d{i}.test") for i in range(8)}
    emails = [f"{name}@d{i}.test" for name in ("bob", "eve") for i in range(8)] + ["no address", "x@gone.test"]
    async with world(servers, records) as here:
        got = {one.email: one.status async for one in here.verifier.check(emails, here.options)}
    assert got == {
        **{f"bob@d{i}.test": "valid" for i in range(8)},
        **{f"eve@d{i}.test": "invalid" for i in range(8)},
        "no address": "invalid",
        "x@gone.test": "invalid",
    }
    assert all(len(server.sessions) == 1 for server in here.servers.values())


async def test_few_domains_at_once_still_reach_all() -> None:
    async with world({}, {}) as here:
        verifier = Verifier(here.network, domains_at_once=2)
        got = [one.sub_status async for one in verifier.check([f"bob@d{i}.test" for i in range(9)], here.options)]
    assert got == ["no_mx"] * 9


async def test_silent_servers_hold_up_no_others() -> None:
    dead = {f"mx.d{i}.test": Script(banner=HANG) for i in range(9)}
    live = {f"mx.l{i}.test": Script(rcpt={"bob": OK}) for i in range(6)}
    records = {(name.removeprefix("mx."), "MX"): mx(name) for name in (*dead, *live)}
    async with world({**dead, **live}, records, timeout=30) as here:
        verifier = Verifier(here.network, domains_at_once=2)
        emails = [f"bob@{name.removeprefix('mx.')}" for name in (*dead, *live)]
        first: list[str] = []
        async with contextlib.aclosing(verifier.check(emails, here.options)) as verdicts:  # type: ignore[type-var]
            async for one in verdicts:
                first.append(one.status)
                if len(first) == len(live):
                    break
    assert first == ["valid"] * len(live)


async def test_never_two_sessions_with_one_server() -> None:
    script = Script(banner=Slow(0.02, "220 mx"), rcpt={"bob": OK})
    records = {(f"d{i}.test", "MX"): mx("mx.a.test") for i in range(8)}
    async with world({"mx.a.test": script}, records) as here:
        got = [one.status async for one in here.verifier.check([f"bob@d{i}.test" for i in range(8)], here.options)]
    assert got == ["valid"] * 8
    assert here.servers["mx.a.test"].most == 1


async def test_waiting_for_ones_turn_costs_no_patience() -> None:
    script = Script(banner=Slow(0.2, "220 mx"), rcpt={"bob": OK})
    records = {(f"d{i}.test", "MX"): mx("mx.a.test") for i in range(6)}
    async with world({"mx.a.test": script}, records, timeout=0.35) as here:
        got = [one.status async for one in here.verifier.check([f"bob@d{i}.test" for i in range(6)], here.options)]
    assert got == ["valid"] * 6


async def test_cancelling_leaves_no_session_and_no_lock_behind() -> None:
    script = Script(rcpt={"bob": OK, "eve": HANG})
    async with world({"mx.a.test": script}, timeout=30) as here:
        server = here.servers["mx.a.test"]
        asking = asyncio.create_task(here.ask("eve@a.test"))
        while "RCPT TO:<eve@a.test>" not in server.commands:
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert (await here.one("bob@a.test"))["status"] == "valid"


@pytest.mark.parametrize("step", ["banner", "ehlo", "mail", "rset", "rcpt"])
@pytest.mark.parametrize(
    "what",
    [HANG, Drip(), Drip(b"250-x\r\n"), b"250-" + b"x" * 100_000],
    ids=["hang", "drip", "endless-reply", "long-line"],
)
async def test_hostile_servers_come_to_an_end(step: str, what: Any) -> None:
    told = {"rcpt": {"*": what}} if step == "rcpt" else {step: what, "rcpt": {"bob": OK}}
    async with world({"mx1.a.test": Script(**told), "mx2.a.test": Script(**told)}, timeout=0.15) as here:
        async with asyncio.timeout(10):
            result = await here.one("bob@a.test")
    assert result["status"] == "unknown"


async def test_steps_that_are_each_in_time_can_still_be_too_slow_together() -> None:
    slow = Script(
        banner=Slow(0.35, "220 mx"), ehlo=Slow(0.35, "250 mx"), mail=Slow(0.35, "250 ok"), rcpt={"*": Slow(0.35, OK)}
    )
    async with world({"mx.a.test": slow}, timeout=0.45) as here:
        result = await here.one("bob@a.test")
    assert (result["status"], result["sub_status"]) == ("unknown", "smtp_unreachable")
    assert "in time" in result["reason"]
