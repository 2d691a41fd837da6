# ruff: noqa: E501 (a table reads best with a case a line)
"""What servers do, and the verdict it has to have: status, sub_status and score by the contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from dnslib import MX
from verify_loopback import DROP, HANG, NO_USER, OK, Drip, Script, address, mx, world


@dataclass(frozen=True)
class Case:
    id: str
    server: Script | None
    status: str
    sub_status: str
    score: int
    email: str = "bob@a.test"
    timeout: float = 5.0
    flags: dict[str, Any] = field(default_factory=dict)


def said(reply: Any, **more: Any) -> Script:
    """A server that gives bob this answer and knows nobody else."""
    return Script(rcpt={"bob": reply, "postmaster": NO_USER}, **more)


VALID = ("valid", "deliverable", 100)
NOT_FOUND = ("invalid", "mailbox_not_found", 80)
DISABLED = ("invalid", "disabled", 30)
FULL = ("risky", "full_inbox", 60)
CATCH_ALL = ("risky", "catch_all", 85)
GREYLISTED = ("unknown", "greylisted", 80)
BLOCKED = ("unknown", "blocked", 80)
SILENT = ("unknown", "smtp_unreachable", 80)
UNREACHED = ("unknown", "smtp_unreachable", 70)
REFUSED_US = ("unknown", "blocked", 70)
NO_MX = ("invalid", "no_mx", 60)

RECIPIENT = [
    # accepted
    Case("accepted", said(OK), *VALID, flags={"is_deliverable": True, "is_catch_all": False}),
    Case("251 will forward", said("251 User not local; will forward to <bob@b.test>"), *VALID),
    Case("252 cannot verify", said("252 2.0.0 Cannot VRFY user, but will accept message"), *VALID),
    Case("accepted in many lines", said("250-2.1.5 it is\r\n250 2.1.5 fine"), *VALID),
    Case("control refused without a code", Script(rcpt={"bob": OK, "*": "550 no thanks"}), *VALID),
    Case("control refused with 450", Script(rcpt={"bob": OK, "*": "450 4.1.1 User unknown in local table"}), *VALID),
    # the mailbox does not exist
    Case("5.1.1", said(NO_USER), *NOT_FOUND, flags={"is_deliverable": False}),
    Case("postfix", said("550 5.1.1 <bob@a.test>: Recipient address rejected: User unknown in virtual mailbox table"), *NOT_FOUND),
    Case("gmail", said(
        "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n"
        "550-5.1.1 double-checking the recipient's email address for typos or\r\n"
        "550 5.1.1 unnecessary spaces. https://support.google.com/mail/?p=NoSuchUser x-gsmtp"), *NOT_FOUND),
    Case("microsoft 365", said(
        "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [DB5EUR.prod.protection.outlook.com]"), *NOT_FOUND),
    Case("outlook.com", said("550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)."), *NOT_FOUND),
    Case("exchange", said("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"), *NOT_FOUND),
    Case("yahoo", said("554 delivery error: dd This user doesn't have a a.test account (bob@a.test) [0] - mta.test"), *NOT_FOUND),
    Case("yahoo 552", said("552 1 Requested mail action aborted, mailbox not found"), *NOT_FOUND),
    Case("icloud", said("550 5.1.1 <bob@a.test>: user does not exist"), *NOT_FOUND),
    Case("mail.ru", said("550 Message was not accepted -- invalid mailbox. Local mailbox bob@a.test is unavailable: user not found"), *NOT_FOUND),
    Case("ironport", said("550 #5.1.0 Address rejected."), *NOT_FOUND),
    Case("qmail", said("550 sorry, no mailbox here by that name. (#5.1.1)"), *NOT_FOUND),
    Case("chkuser", said("511 sorry, no mailbox here by that name (#5.1.1 - chkuser)"), *NOT_FOUND),
    Case("sendmail", said("550 5.3.0 <bob@a.test>... No such user here"), *NOT_FOUND),
    Case("exim", said("550 Unrouteable address"), *NOT_FOUND),
    Case("exim no such user", said("550 No Such User Here"), *NOT_FOUND),
    Case("mimecast", said("550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [x.uk1]"), *NOT_FOUND),
    Case("gmx", said("550 Requested action not taken: mailbox unavailable"), *NOT_FOUND),
    Case("german", said("550 Empfänger unbekannt"), *NOT_FOUND),
    Case("551 not local", said("551 User not local; please try <bob@b.test>"), *NOT_FOUND),
    Case("553 name", said("553 Requested action not taken: mailbox name not allowed"), *NOT_FOUND),
    Case("556 domain takes no mail", said("556 5.1.10 Recipient address has null MX"), *NOT_FOUND),
    Case("opaque, but postmaster is fine", Script(rcpt={"bob": "550 Rejected", "postmaster": OK}), *NOT_FOUND),
    Case("opaque 554, but postmaster is fine", Script(rcpt={"bob": "554 Transaction failed", "postmaster": OK}), *NOT_FOUND),
    # disabled, full
    Case("5.2.1", said("550 5.2.1 The email account that you tried to reach is inactive."), *DISABLED, flags={"is_disabled": True}),
    Case("yahoo disabled", said("554 delivery error: dd Sorry, your message to bob@a.test cannot be delivered. This mailbox is disabled (554.30)."), *DISABLED),
    Case("account suspended", said("550 Account bob@a.test has been suspended"), *DISABLED),
    Case("5.2.2", said("552 5.2.2 Mailbox full"), *FULL, flags={"has_full_inbox": True, "is_deliverable": False}),
    Case("gmail 4.2.2", said("452-4.2.2 The recipient's inbox is out of storage space. Please direct the\r\n452 4.2.2 recipient to https://support.google.com/mail/?p=OverQuotaTemp"), *FULL),
    Case("over quota in words", said("452 User bob is over quota"), *FULL),
    Case("552 bare", said("552 Requested mail action aborted: exceeded storage allocation"), *FULL),
    Case("dovecot", said("552 5.2.2 <bob@a.test> Quota exceeded (mailbox for user is full)"), *FULL),
    # temporary
    Case("greylisted", said("451 4.7.1 Greylisting in action, please come back later"), *GREYLISTED),
    Case("postgrey", said("450 4.2.0 <bob@a.test>: Recipient address rejected: Greylisted, see http://postgrey.test/help"), *GREYLISTED),
    Case("450 bare", said("450 Requested mail action not taken: mailbox unavailable"), *GREYLISTED),
    Case("451 bare", said("451 Requested action aborted: local error in processing"), *GREYLISTED),
    Case("452 system storage", said("452 4.3.1 Insufficient system storage"), *GREYLISTED),
    Case("user unknown, but only for now", said("450 4.1.1 <bob@a.test>: Recipient address rejected: User unknown"), *GREYLISTED),
    Case("disabled for now", said("450 4.2.1 The user you are trying to contact is receiving mail too quickly."), *GREYLISTED),
    Case("550 that takes itself back", said("550 4.1.1 User unknown"), *GREYLISTED),
    # about us
    Case("5.7.1", said("550 5.7.1 Rejected"), *BLOCKED, flags={"is_deliverable": False}),
    Case("5.7.1 with words about the user", said("550 5.7.1 User unknown"), *BLOCKED),
    Case("spamhaus behind a 5.1.1", said("550 5.1.1 Blocked using zen.spamhaus.org, see https://check.spamhaus.org"), *BLOCKED),
    Case("microsoft block list", said(
        "550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list visit https://sender.office.com/"), *BLOCKED),
    Case("S3150", said("550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Part of their network is on our block list (S3150)."), *BLOCKED),
    Case("microsoft rate by reputation", said("451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation."), *BLOCKED),
    Case("yahoo TSS04", said("421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints"), *BLOCKED),
    Case("relaying", said("550 5.7.1 Unable to relay"), *BLOCKED),
    Case("relaying without a code", said("550 relay not permitted"), *BLOCKED),
    Case("authentication", said("530 5.7.0 Authentication required"), *BLOCKED),
    Case("starttls wanted", said("530 5.7.0 Must issue a STARTTLS command first"), *BLOCKED),
    Case("no reverse name", said("450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]"), *BLOCKED),
    Case("helo", said("504 5.5.2 <probe>: Helo command rejected: need fully-qualified hostname"), *BLOCKED),
    Case("sender", said("550 5.1.8 <>: Sender address rejected: Domain not found"), *BLOCKED),
    Case("null sender has one recipient", said("550 Only one recipient accepted for NULL sender"), *BLOCKED),
    Case("policy in words", said("550 Administrative prohibition - envelope blocked"), *BLOCKED),
    Case("opaque, postmaster too", Script(rcpt={"*": "550 Rejected"}), *BLOCKED),
    Case("opaque, postmaster later", Script(rcpt={"bob": "554 No", "postmaster": "451 4.7.1 later"}), *BLOCKED),
    # no answer
    Case("421", said("421 4.3.2 Service not available, closing transmission channel"), *SILENT),
    Case("drop", said(DROP), *SILENT),
    Case("hang", said(HANG), *SILENT, timeout=0.4),
    Case("drip", said(Drip()), *SILENT, timeout=0.4),
    Case("long line", said(b"550 " + b"x" * 100_000), *SILENT),
    Case("endless reply", said(b"550-5.1.1 no\r\n" * 3000), *SILENT),
    Case("nonsense", said("What do you want?"), *SILENT),
    Case("nonsense code", said("999 fine"), *SILENT),
    Case("354", said("354 go ahead"), *SILENT),
    Case("bad sequence", said("503 5.5.1 Bad sequence of commands"), *SILENT),
    Case("codes that disagree", said("250-fine\r\n550 5.1.1 not fine"), *SILENT),
    Case("binary", said(bytes(range(256)) + b"\r\n"), *SILENT),
    Case("two replies at once", Script(mail="250 ok\r\n250 ok", rcpt={"*": NO_USER}), *SILENT),
    # catch-all
    Case("catch-all", Script(rcpt={"*": OK}), *CATCH_ALL, flags={"is_catch_all": True, "is_deliverable": True}),
    Case("catch-all with 252", Script(rcpt={"*": "252 2.5.0 will try"}), *CATCH_ALL),
    Case("catch-all by 250, then 251", Script(rcpt={"bob": OK, "*": "251 will forward"}), *CATCH_ALL),
    Case("control greylisted", Script(rcpt={"bob": OK, "*": "451 4.7.1 Greylisted"}), *GREYLISTED, flags={"is_deliverable": False}),
    Case("control 450 busy", Script(rcpt={"bob": OK, "*": "450 4.2.0 mailbox unavailable"}), *GREYLISTED),
    Case("control blocked", Script(rcpt={"bob": OK, "*": "550 5.7.1 too many unknown recipients"}), *BLOCKED),
    Case("control dropped", Script(rcpt={"bob": OK, "*": DROP}), *SILENT),
    Case("control hung", Script(rcpt={"bob": OK, "*": HANG}), *SILENT, timeout=0.4),
    Case("control dropped once", Script(rcpt={"bob": OK, "*": [DROP, NO_USER]}), *VALID),
]  # fmt: skip

DIALOGUE = [
    Case("banner 554", Script(banner="554 No SMTP service here"), *REFUSED_US),
    Case("banner 554 block list", Script(banner="554 5.7.1 Your IP is listed at zen.spamhaus.org"), *REFUSED_US),
    Case("banner 421", Script(banner="421 4.3.2 Too busy"), *UNREACHED),
    Case("banner 421 reputation", Script(banner="421 4.7.0 Your IP has a poor reputation"), *REFUSED_US),
    Case("banner 450", Script(banner="450 4.3.2 try again later"), "unknown", "greylisted", 70),
    Case("banner in many lines", Script(banner="220-mx.test\r\n220-please\r\n220 wait", rcpt={"bob": OK}), *VALID),
    Case("banner garbage", Script(banner="SSH-2.0-OpenSSH_9.2"), *UNREACHED),
    Case("banner drop", Script(banner=DROP), *UNREACHED),
    Case("banner hang", Script(banner=HANG), *UNREACHED, timeout=0.4),
    Case("banner drip", Script(banner=Drip()), *UNREACHED, timeout=0.4),
    Case("banner long line", Script(banner=b"220 " + b"x" * 100_000), *UNREACHED),
    Case("banner 250", Script(banner="250 hello"), *UNREACHED),
    Case("helo only", Script(ehlo="502 5.5.1 Unrecognized command", rcpt={"bob": OK}), *VALID),
    Case("helo only, says 500", Script(ehlo="500 what?", rcpt={"bob": OK}), *VALID),
    Case("helo refused", Script(ehlo="550 5.7.1 go away", helo="550 5.7.1 go away"), *REFUSED_US),
    Case("ehlo 421", Script(ehlo="421 bye"), *UNREACHED),
    Case("ehlo drop", Script(ehlo=DROP), *UNREACHED),
    Case("ehlo hang", Script(ehlo=HANG), *UNREACHED, timeout=0.4),
    Case("ehlo without end", Script(ehlo=b"250-x\r\n" * 3000), *UNREACHED),
    Case("sender refused", Script(mail="550 5.1.0 <> sender refused"), *BLOCKED),
    Case("sender refused plainly", Script(mail="554 No"), *BLOCKED),
    Case("sender later", Script(mail="451 4.7.1 Greylisted"), *GREYLISTED),
    Case("mail 421", Script(mail="421 bye"), *SILENT),
    Case("mail drop", Script(mail=DROP), *SILENT),
    Case("mail hang", Script(mail=HANG), *SILENT, timeout=0.4),
    Case("quit ignored", Script(rcpt={"bob": OK}, quit=HANG), *VALID),
    Case("pipelining", Script(ehlo="250-mx\r\n250 PIPELINING", rcpt={"bob": OK}), *VALID),
    Case("pipelining, sender refused", Script(ehlo="250-mx\r\n250 PIPELINING", mail="550 no", rcpt={"*": "503 5.5.1 MAIL first"}), *BLOCKED),
    Case("line feeds only", Script(banner=b"220 hi\n", ehlo=b"250 mx\n", mail=b"250 ok\n", rcpt={"bob": b"250 ok\n", "*": b"550 5.1.1 no\n"}), *VALID),
    Case("code without text", Script(mail="250", rcpt={"bob": "250"}), *VALID),
    Case("utf-8 mailbox, server without", Script(rcpt={"*": OK}), *SILENT, email="jürg@a.test"),
    Case("utf-8 mailbox", Script(ehlo="250-mx\r\n250 SMTPUTF8", rcpt={"jürg": OK}), *VALID, email="jürg@a.test"),
    Case("quoted", Script(rcpt={'"bob smith"': OK}), *VALID, email='"bob smith"@a.test'),
    Case("role", Script(rcpt={"info": OK}), "risky", "role_account", 90, email="info@a.test", flags={"is_role_account": True, "is_deliverable": True}),
    Case("role refused", Script(), "invalid", "role_account", 70, email="info@a.test"),
    Case("role at a catch-all", Script(rcpt={"*": OK}), "risky", "catch_all", 75, email="info@a.test"),
    Case("role greylisted", Script(rcpt={"*": "451 4.7.1 Greylisted"}), "unknown", "role_account", 70, email="info@a.test"),
]  # fmt: skip


@pytest.mark.parametrize("case", RECIPIENT + DIALOGUE, ids=lambda case: case.id)
async def test_server(case: Case) -> None:
    async with world({"mx.a.test": case.server or Script()}, timeout=case.timeout) as here:
        result = await here.one(case.email)
    assert (result["status"], result["sub_status"], result["score"]) == (case.status, case.sub_status, case.score), (
        result
    )
    assert case.flags.items() <= result["flags"].items()
    assert not any(
        word in command.upper() for command in here.servers["mx.a.test"].commands for word in ("DATA", "VRFY")
    )
    assert here.servers["mx.a.test"].most == 1


SYNTAX = ["", "bob", "@a.test", "bob@", "bob@a..test", ".bob@a.test", "bob.@a.test", "b..b@a.test", "bob@a.test.",
          "bob(comment)@a.test", "bob@(comment)a.test", "bob smith@a.test", "bob@localhost", "bob@[127.0.0.1]",
          "bob@-a.test", "bob@a_b.test", "bob@1.2.3.4", "Bob <bob@a.test>", "a@b@a.test", "x" * 65 + "@a.test",
          "bob@" + "a" * 64 + ".test", "bob@" + "a." * 126 + "test", "bob@xn--a.test\u0000", "b\u202eob@a.test",
          "bob@a\r\nRCPT TO:<x>.test", "bob\r\n@a.test", "bob>@a.test", "bob@\U0001f600\u0000.test"]  # fmt: skip


@pytest.mark.parametrize("email", SYNTAX)
async def test_bad_syntax_is_told_without_asking_anybody(email: str) -> None:
    async with world() as here:
        result = await here.one(email)
    assert (result["status"], result["sub_status"], result["score"]) == ("invalid", "invalid_syntax", 50)
    assert result["reason"]
    assert not here.names.asked
    assert not here.servers["mx.a.test"].sessions


DNS = [
    ("unknown domain", {}, NO_MX),
    ("null MX", {("a.test", "MX"): [MX(".", 0)]}, NO_MX),
    ("neither MX nor address", {("a.test", "TXT"): []}, NO_MX),
    ("no mail server exists", {("a.test", "MX"): mx("gone.a.test", "lost.a.test")}, NO_MX),
    ("SERVFAIL", {("a.test", "*"): "SERVFAIL"}, ("unknown", "smtp_unreachable", 60)),
    ("REFUSED", {("a.test", "*"): "REFUSED"}, ("unknown", "smtp_unreachable", 60)),
    ("servers' names fail", {("a.test", "MX"): mx("mx2.a.test"), ("mx2.a.test", "*"): "SERVFAIL"}, UNREACHED),
    ("one name gone, one failing", {("a.test", "MX"): mx("gone.a.test", "mx2.a.test"), ("mx2.a.test", "*"): "SERVFAIL"}, UNREACHED),
    ("private server", {("a.test", "MX"): mx("in.a.test"), ("in.a.test", "A"): address("10.0.0.1")}, UNREACHED),
    ("link-local server", {("a.test", "MX"): mx("in.a.test"), ("in.a.test", "A"): address("169.254.169.254")}, UNREACHED),
    ("one of two addresses private", {("a.test", "MX"): mx("in.a.test"), ("in.a.test", "A"): address("127.0.0.1", "10.0.0.1")}, UNREACHED),
    ("private domain without MX", {("a.test", "A"): address("192.168.1.1")}, UNREACHED),
]  # fmt: skip


@pytest.mark.parametrize(("records", "expected"), [case[1:] for case in DNS], ids=[case[0] for case in DNS])
async def test_dns(records: dict[tuple[str, str], Any], expected: tuple[str, str, int]) -> None:
    async with world({"mx.a.test": Script(rcpt={"*": OK})}, records) as here:
        result = await here.one("bob@a.test")
    assert (result["status"], result["sub_status"], result["score"]) == expected, result
    assert not here.servers["mx.a.test"].sessions


async def test_silent_name_server_is_unknown() -> None:
    async with world(timeout=0.4) as here:
        here.names.silent.add("a.test")
        result = await here.one("bob@a.test")
    assert (result["status"], result["sub_status"], result["score"]) == ("unknown", "smtp_unreachable", 60)


async def test_disposable_and_free_domains() -> None:
    records = {("mailinator.com", "MX"): mx("mx.a.test"), ("gmail.com", "MX"): mx("mx.a.test")}
    async with world({"mx.a.test": Script(rcpt={"bob": OK})}, records) as here:
        thrown = await here.one("bob@mailinator.com")
        refused = await here.one("eve@mailinator.com")
        free = await here.one("bob@gmail.com")
    assert (thrown["status"], thrown["sub_status"], thrown["score"]) == ("risky", "disposable", 70)
    assert (refused["status"], refused["sub_status"], refused["score"]) == ("invalid", "disposable", 50)
    assert (free["status"], free["score"], free["flags"]["is_free_email"]) == ("valid", 100, True)
