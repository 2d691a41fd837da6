"""Syntax, lists, payloads, and the reader of replies."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.errors import InvalidInput
from orbweave.verify import VerifyOptions, domain_of, lists
from orbweave.verify.smtp import Broken, Connection, joined, printable
from orbweave.verify.syntax import BadAddress, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bob@a.test", "bob@a.test"),
        ("  Bob@A.Test ", "Bob@a.test"),
        ("bob+news@a.test", "bob+news@a.test"),
        ("o'hara!#$%&*/=?^_`{|}~-@a.test", "o'hara!#$%&*/=?^_`{|}~-@a.test"),
        ('"bob smith"@a.test', '"bob smith"@a.test'),
        ('"bob"@a.test', "bob@a.test"),
        ('"a@b"@a.test', '"a@b"@a.test'),
        (r'"a\"b"@a.test', r'"a\"b"@a.test'),
        ("bob@Bücher.test", "bob@xn--bcher-kva.test"),
        ("bob@xn--bcher-kva.test", "bob@xn--bcher-kva.test"),
        ("jürg@a.test", "jürg@a.test"),
        ("ju\u0308rg@a.test", "jürg@a.test"),
        ("用户@例え.テスト", "用户@xn--r8jz45g.xn--zckzah"),
        ("x" * 64 + "@a.test", "x" * 64 + "@a.test"),
        ('"a..b"@a.test', '"a..b"@a.test'),
        (r'"\b\o\b"@a.test', "bob@a.test"),
        ('" "@a.test', '" "@a.test'),
        ("BOB@A.TEST", "BOB@a.test"),
        ("bob@faß.test", "bob@xn--fa-hia.test"),
        ("1@2.test", "1@2.test"),
        ("bob@a-b.c-d.test", "bob@a-b.c-d.test"),
    ],
)
def test_good_addresses(text: str, expected: str) -> None:
    assert str(parse(text)) == expected
    assert parse(str(parse(text))) == parse(text)


@given(st.text(max_size=80) | st.from_regex(r"[^@]{0,20}@[^@]{0,20}\.test", fullmatch=True))
def test_parsing_says_yes_or_why_not_and_is_safe_on_the_wire(text: str) -> None:
    try:
        address = parse(text)
    except BadAddress:
        assert domain_of(text) == ""
    else:
        assert not any(char in str(address) for char in "\r\n\0")
        assert address.domain.isascii()
        assert address.domain == address.domain.lower() == domain_of(text)
        assert parse(str(address)) == address


@pytest.mark.parametrize(
    "local", ["info", "Info", "info+x", "kontakt", "no-reply", "sales-emea", "info2", "rezeption", "sales.emea"]
)
def test_roles(local: str) -> None:
    assert lists.is_role(local)


@pytest.mark.parametrize(
    "local", ["anna", "anna.info", "bob.smith", "itzel", "saleem", "pr.miller", "test", "infosys", ""]
)
def test_people(local: str) -> None:
    assert not lists.is_role(local)


def test_disposable() -> None:
    assert lists.is_disposable("mailinator.com")
    assert lists.is_disposable("x.mailinator.com")
    assert not any(
        map(lists.is_disposable, ("duck.com", "mozmail.com", "privaterelay.appleid.com", "gmail.com", "com"))
    )


def test_free_is_neither_disposable_nor_everything() -> None:
    assert all(map(lists.is_free, ("gmail.com", "yahoo.co.uk", "web.de", "bluewin.ch", "gmx.ch")))
    assert not lists.is_free("example.com")


@pytest.mark.parametrize(
    ("server", "name"),
    [
        ("aspmx.l.google.com", "google"),
        ("smtp.google.com", "google"),
        ("a-test.mail.protection.outlook.com", "microsoft"),
        ("outlook-com.olc.protection.outlook.com", "outlook_consumer"),
        ("mta5.am0.yahoodns.net", "yahoo"),
        ("mx01.emig.gmx.net", "gmx"),
        ("mx00.kundenserver.de", "ionos"),
        ("mx.yandex.net", "yandex"),
        ("notgoogle.com", None),
    ],
)
def test_providers(server: str, name: str | None) -> None:
    assert lists.provider([server]) == name


@pytest.mark.parametrize(
    ("domain", "takes_mail", "better"),
    [
        ("gmial.com", True, "gmail.com"),
        ("gmail.con", False, "gmail.com"),
        ("hotmial.fr", False, "hotmail.fr"),
        ("acme.con", False, "acme.com"),
        ("acme.com", False, None),
        ("gmail.com", False, None),
        ("gmx.net", False, None),
        ("yahooo.de", True, None),
        ("acme.cmo", False, "acme.com"),
        ("bluewin.com", False, "bluewin.ch"),
        ("email.com", False, None),
        ("hotmail.ch", False, None),
        ("live.de", False, None),
        ("acme.ch", False, None),
        ("mailbox.org", False, None),
        ("gmx.con", False, "gmx.com"),
    ],
)
def test_did_you_mean(domain: str, takes_mail: bool, better: str | None) -> None:
    assert lists.did_you_mean(domain, takes_mail=takes_mail) == better


def test_payload() -> None:
    assert VerifyOptions.from_payload({"email": "bob@a.test"}) == (["bob@a.test"], VerifyOptions())
    emails, options = VerifyOptions.from_payload(
        {
            "emails": ["a", "b"],
            "email": None,
            "smtp_timeout_secs": 45,
            "check_gravatar": True,
            "later": 1,
            "from_email": None,
        },
        VerifyOptions(smtp_port=2525, from_email="probe@b.test", hello_name="b.test"),
    )
    assert emails == ["a", "b"]
    assert options == VerifyOptions(45, "probe@b.test", "b.test", check_gravatar=True, smtp_port=2525)


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "email"),
        ({"email": "a", "emails": ["b"]}, "email"),
        ({"email": 1}, "email"),
        ({"emails": []}, "emails"),
        ({"emails": ["a"] * 101}, "emails"),
        ({"emails": "a@b.test"}, "emails"),
        ({"emails": ["a", None]}, "emails.1"),
        ({"email": "a", "smtp_timeout_secs": 9}, "smtp_timeout_secs"),
        ({"email": "a", "smtp_timeout_secs": 121}, "smtp_timeout_secs"),
        ({"email": "a", "smtp_timeout_secs": "nan"}, "smtp_timeout_secs"),
        ({"email": "a", "check_dnsbl": "perhaps"}, "check_dnsbl"),
        ({"email": "a", "from_email": "not an address"}, "from_email"),
        ({"email": "a", "hello_name": "x\r\nRCPT TO:<y>"}, "hello_name"),
    ],
)
def test_unusable_payloads(payload: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        VerifyOptions.from_payload(payload)
    assert caught.value.field == field


async def read(chunks: list[bytes]) -> list[Any]:
    """What a connection makes of these bytes: its replies, and how it ended."""
    connection = Connection()
    for chunk in chunks:
        connection.data_received(chunk)
    connection.connection_lost(None)
    seen: list[Any] = []
    try:
        while True:
            seen.append(await connection.reply(1))
    except Broken as broken:
        seen.append(broken.fault)
    return seen


stream = st.lists(
    st.sampled_from(
        [b"250 ok", b"250-more", b"550 5.1.1 no", b"250", b"\r\n", b"\n", b"\r", b" ", b"abc", b"\x00\xff", b"999 x"]
    ),
    max_size=12,
).map(b"".join)


@given(stream, st.lists(st.integers(0, 60), max_size=6))
def test_replies_do_not_depend_on_how_they_arrive(data: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    pieces = [data[a:b] for a, b in pairwise(edges)]
    assert asyncio.run(read([data])) == asyncio.run(read(pieces))


async def test_what_is_shown_is_printable() -> None:
    assert printable(b"\x1b[31mred\x07 \xff end\r") == "[31mred  \ufffd end"
    assert joined(("5.1.1 No such", "5.1.1 user", "here")) == "5.1.1 No such user here"
    assert joined(("Sorry", "5.1.1 no such user")) == "5.1.1 Sorry no such user"
    assert joined(("5.7.1 no", "5.1.1 user")) == "5.7.1 no 5.1.1 user"
    assert joined(("5.1.1 ", "", "user")) == "5.1.1 user"
