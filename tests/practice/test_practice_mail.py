from __future__ import annotations

import asyncio
import smtplib
from typing import Any

import pytest

from orbweave.practice import PracticeSite, behaviours

KNOWN, UNKNOWN = "info@practice.alpha.test", "nobody@practice.alpha.test"
TABLE = behaviours.load()
EARLY = sorted(name for name, row in TABLE.mail.items() if row.before_recipient)


def site(mail: str, host: str = "www.alpha.test") -> PracticeSite:
    return PracticeSite(host, web="mailto", mail=mail)


@pytest.mark.parametrize(
    ("mail", "known", "unknown"),
    [
        ("accepts", "250 2.1.5", "550 5.1.1"),
        ("accepts_terse", "250 Acc", "550 No "),
        ("catch_all", "250 2.1.5", "250 2.1.5"),
        ("full", "552 5.2.2", "550 5.1.1"),
        ("full_for_now", "452 4.2.2", "550 5.1.1"),
        ("disabled", "550 5.2.1", "550 5.1.1"),
        ("unknown_mailboxes", "550 5.1.1", "550 5.1.1"),
        ("policy", "554 5.7.1", "554 5.7.1"),
        ("temporary", "451 4.3.0", "451 4.3.0"),
    ],
)
async def test_recipients(practice: Any, ask: Any, mail: str, known: str, unknown: str) -> None:
    running = await practice(site(mail))
    assert (await ask(running, KNOWN)).startswith(known)
    assert (await ask(running, KNOWN.upper())).startswith(known)
    assert (await ask(running, UNKNOWN)).startswith(unknown)


async def test_the_standard_client_is_understood(practice: Any) -> None:
    running = await practice(site("accepts"))

    def talk() -> list[int]:
        with smtplib.SMTP("127.0.0.1", running.mail.port, local_hostname="client.test") as client:
            client.ehlo_or_helo_if_needed()
            codes = [
                client.mail("")[0],
                client.rcpt(KNOWN)[0],
                client.rcpt(UNKNOWN)[0],
                client.rset()[0],
                client.noop()[0],
            ]
            codes.append(client.vrfy(KNOWN)[0])
            client.mail("a@client.test")
            codes.append(client.docmd("DATA")[0])
            return codes

    assert await asyncio.to_thread(talk) == [250, 250, 550, 250, 250, 252, 554]
    (session,) = running.log.smtp
    assert session.verbs == ["EHLO", "MAIL", "RCPT", "RCPT", "RSET", "NOOP", "VRFY", "MAIL", "DATA", "QUIT"]
    assert session.domains == {"practice.alpha.test"}
    assert "DATA" in running.log.smtp_verbs()


async def test_greylisting_asks_for_the_same_sender_and_mailbox(practice: Any, ask: Any) -> None:
    running = await practice(site("greylist"), greylist_seconds=0.0)
    assert (await ask(running, KNOWN, "a@client.test")).startswith("450 4.7.1")
    assert (await ask(running, KNOWN, "b@client.test")).startswith("450 4.7.1")
    assert (await ask(running, KNOWN, "a@client.test")).startswith("250")
    assert (await ask(running, UNKNOWN, "a@client.test")).startswith("550 5.1.1")


async def test_greylisting_lasts_a_while(practice: Any, ask: Any) -> None:
    running = await practice(site("greylist"), greylist_seconds=3600.0)
    assert [(await ask(running, KNOWN))[:3] for _ in range(3)] == ["450"] * 3


async def test_postmaster_is_known_unless_nobody_is(practice: Any, ask: Any) -> None:
    running = await practice(site("full"), site("policy", "www.beta.test"))
    assert (await ask(running, "postmaster@practice.alpha.test")).startswith("250")
    assert (await ask(running, "postmaster@practice.beta.test")).startswith("554")


async def test_other_domains_are_not_relayed_to(practice: Any, ask: Any) -> None:
    assert (await ask(await practice(site("accepts")), "info@elsewhere.test")).startswith("554 5.7.1")


async def test_a_server_may_close_after_a_refusal(practice: Any, mail_client: Any) -> None:
    running = await practice(site("closes"))
    client = await mail_client.connect(running.mail.port)
    assert (await client.reply()).startswith("220")
    await client.say("EHLO client.test")
    await client.say("MAIL FROM:<>")
    assert (await client.say(f"RCPT TO:<{KNOWN}>")).startswith("250")
    assert (await client.say(f"RCPT TO:<{UNKNOWN}>")).startswith("550")
    assert await client.reply() == ""


async def test_the_order_of_commands_is_kept(practice: Any, mail_client: Any) -> None:
    running = await practice(site("accepts"))
    client = await mail_client.connect(running.mail.port)
    await client.reply()
    assert (await client.say(f"RCPT TO:<{KNOWN}>")).startswith("503")
    assert (await client.say("MAIL nonsense")).startswith("501")
    assert (await client.say("BLA")).startswith("500")
    await client.say("MAIL FROM:<>")
    assert (await client.say("RCPT nonsense")).startswith("501")
    await client.quit()


@pytest.mark.parametrize(
    ("mail", "reply"),
    [
        ("blocked_greeting", "554 5.7.1"),
        ("busy_greeting", "421 4.3.2"),
        ("nonsense", "HTTP/1.1"),
        ("sender_refused", "550 5.7.1 Sender"),
        ("drops_at_connect", ""),
        ("drops_after_hello", ""),
        ("slow_greeting", "250 2.1.5"),
        ("tarpit", "250 2.1.5"),
    ],
)
async def test_servers_that_misbehave_early_have_their_own_port(practice: Any, ask: Any, mail: str, reply: str) -> None:
    running = await practice(site(mail))
    assert f"mx.{mail.replace('_', '-')}.practice.test" in running.dns.zone
    answer = await ask(running, KNOWN, kind=mail)
    assert answer.startswith(reply)
    assert bool(answer) is bool(reply)


@pytest.mark.parametrize(("mail", "kind"), [("silent", "silent"), ("silent_recipient", "")])
async def test_silence_is_bounded(practice: Any, ask: Any, mail: str, kind: str) -> None:
    running = await practice(site(mail), hostile_seconds=0.1)
    assert await ask(running, KNOWN, kind=kind) == ""


async def test_a_dropped_recipient_ends_the_session(practice: Any, ask: Any) -> None:
    assert await ask(await practice(site("drops_at_recipient")), KNOWN) == ""


async def test_the_dead_port_refuses(practice: Any) -> None:
    running = await practice(site("backup_mx"))
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", running.mail.dead_port)


async def test_long_lines_end_the_session(practice: Any, mail_client: Any) -> None:
    running = await practice(site("accepts"))
    client = await mail_client.connect(running.mail.port)
    await client.reply()
    assert await client.say("NOOP " + "x" * 100_000) == ""


async def test_the_log_counts_sessions_at_once(practice: Any, mail_client: Any, ask: Any) -> None:
    running = await practice(site("accepts"))
    for _ in range(3):
        await ask(running, KNOWN)
    assert running.log.busiest_mail_domain() == ("practice.alpha.test", 1)
    clients = [await mail_client.connect(running.mail.port) for _ in range(2)]
    for client in clients:
        await client.reply()
    for client in clients:
        for command in ("EHLO client.test", "MAIL FROM:<>", f"RCPT TO:<{KNOWN}>"):
            await client.say(command)
    for client in clients:
        await client.quit()
    assert running.log.busiest_mail_domain() == ("practice.alpha.test", 2)
    assert len(running.log.sessions_for("practice.alpha.test")) == 5
