"""How practice websites and mail servers behave, as data: `web.yaml`, `mail.yaml` and, for chosen hosts, `hosts.yaml`.

A name that `hosts.yaml` does not mention gets a behaviour by the hash of its name, so it is the same on every run and
every machine. Weights are shares among all behaviours of a table; 0 means only where asked for by name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, ClassVar, Literal, TypeVar

import yaml
from pydantic import ConfigDict, TypeAdapter

from orbweave.errors import InvalidInput

EmailStyle = Literal["mailto", "text", "entities", "brackets", "parentheses", "words", "cloudflare", "json_ld"]
PageKind = Literal["home", "contact", "imprint", "about", "services", "team"]


@dataclass(frozen=True, slots=True)
class WebBehaviour:
    """One kind of website. ``hostile`` names what it does instead of answering properly (practice/hostile.py); when it
    is ``crawlable`` all the same, its own pages are proper and every other address leads into the trap."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    summary: str
    weight: int = 0
    #: What is on the pages can be found, so it is part of the ground truth.
    crawlable: bool = True
    hostile: str | None = None
    location: str = ""
    status: int = 200
    retry_after: int = 0
    email_style: EmailStyle = "mailto"
    email_on: tuple[PageKind, ...] = ("contact",)
    #: Empty: the usual language of the business's country.
    language: str = ""
    charset: str = "utf-8"
    declare_charset: Literal["header", "meta", "wrong"] = "header"
    compression: Literal["", "gzip", "br"] = ""
    #: Which of http and https has the pages; the other one redirects there ("both": none does).
    scheme: Literal["both", "https", "http"] = "both"
    #: Redirect to the same site with or without www.
    canonical: Literal["", "www", "bare"] = ""
    robots: Literal["", "open", "disallow", "delay", "forbidden", "html", "error"] = ""
    sitemap: bool = False
    json_ld: bool = False
    socials: bool = False
    team: bool = False
    #: An address printed on the site that the mail server no longer knows.
    stale_address: bool = False
    #: Seconds before each answer, besides the latency of the whole practice internet.
    delay: float = 0.0
    certificate: Literal["good", "expired", "self_signed", "wrong_name"] = "good"
    dns: Literal["", "nxdomain", "servfail", "silent", "private", "mixed"] = ""


@dataclass(frozen=True, slots=True)
class MailBehaviour:
    """One kind of mail server. ``known`` and ``unknown``: its replies to RCPT TO for mailboxes it has and has not."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    summary: str
    weight: int = 0
    mx: Literal["own", "implicit", "backup", "none", "null", "nxdomain", "servfail", "dangling"] = "own"
    known: str = "250 2.1.5 OK"
    unknown: str = "550 5.1.1 The email account that you tried to reach does not exist"
    #: Known mailboxes are refused until the same sender asks for the same mailbox again, a little later.
    greylist: bool = False
    close_after_refusal: bool = False
    greeting: str = "220 {host} ESMTP practice mail server"
    #: The reply to EHLO and HELO; empty is the ordinary one.
    hello: str = ""
    sender: str = "250 2.1.0 OK"
    greeting_delay: float = 0.0
    reply_delay: float = 0.0
    #: Where the connection is dropped without a word.
    drop: Literal["", "connect", "hello", "sender", "recipient"] = ""
    #: Where the server falls silent for as long as it is let.
    hang: Literal["", "connect", "hello", "recipient"] = ""
    #: The verdict of contract 2.3 on a mailbox it has, when that is not a role address.
    status: Literal["valid", "risky", "invalid", "unknown"] = "valid"
    sub_status: str = "deliverable"

    @property
    def tells_unknown(self) -> bool:
        """A client gets as far as hearing that a mailbox does not exist."""
        reached = self.mx in ("own", "implicit", "backup") and not (self.drop or self.hang)
        polite = self.greeting.startswith("220") and self.sender.startswith("2")
        return reached and polite and self.unknown.startswith("550")

    @property
    def before_recipient(self) -> bool:
        """It misbehaves before it can know which domain is asked for, so it needs a port (and a host) of its own."""
        ordinary = _ORDINARY_MAIL
        early = self.drop in ("connect", "hello", "sender") or self.hang in ("connect", "hello")
        slow = self.greeting_delay > 0 or self.reply_delay > 0
        return early or slow or any(getattr(self, n) != getattr(ordinary, n) for n in ("greeting", "hello", "sender"))


_ORDINARY_MAIL = MailBehaviour("", "")

Behaviour = TypeVar("Behaviour", WebBehaviour, MailBehaviour)


@dataclass(frozen=True, slots=True)
class Behaviours:
    web: Mapping[str, WebBehaviour]
    mail: Mapping[str, MailBehaviour]
    #: host (without www.) -> the names chosen for it.
    hosts: Mapping[str, Mapping[str, str]]

    def web_of(self, host: str) -> WebBehaviour:
        chosen = self.hosts.get(host.removeprefix("www."), {}).get("web")
        return named(self.web, chosen) if chosen else pick(self.web, f"web {host.removeprefix('www.')}")

    def mail_of(self, domain: str) -> MailBehaviour:
        chosen = self.hosts.get(domain, {}).get("mail")
        return named(self.mail, chosen) if chosen else pick(self.mail, f"mail {domain}")


def named(table: Mapping[str, Behaviour], name: str) -> Behaviour:
    """Raises InvalidInput that lists the names there are."""
    try:
        return table[name]
    except KeyError:
        raise InvalidInput(f"There is no practice behaviour {name!r}; there are: {', '.join(sorted(table))}.") from None


def pick(table: Mapping[str, Behaviour], seed: str) -> Behaviour:
    """The same behaviour for the same ``seed``, in proportion to the weights."""
    point = number(seed) % sum(behaviour.weight for behaviour in table.values())
    for behaviour in table.values():
        point -= behaviour.weight
        if point < 0:
            return behaviour
    raise AssertionError("the weights are not negative")


def number(seed: str) -> int:
    """A number that looks random and is the same for the same ``seed`` everywhere."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])


@cache
def load() -> Behaviours:
    folder = resources.files(__name__)

    def read(name: str) -> Any:
        return yaml.safe_load((folder / name).read_text("utf-8"))

    return Behaviours(
        web={row.name: row for row in TypeAdapter(list[WebBehaviour]).validate_python(read("web.yaml"))},
        mail={row.name: row for row in TypeAdapter(list[MailBehaviour]).validate_python(read("mail.yaml"))},
        hosts=read("hosts.yaml"),
    )
