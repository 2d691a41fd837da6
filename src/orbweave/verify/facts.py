"""What was observed, apart from what it means: frozen records, filled by the edges and read by ``verdict``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from orbweave.verify.syntax import Address


class Stage(StrEnum):
    """The step of the dialogue an answer belongs to."""

    CONNECT = "connect"
    BANNER = "banner"
    HELLO = "hello"
    MAIL = "mail"
    RCPT = "rcpt"


class Fault(StrEnum):
    """Why there is no reply."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    MALFORMED = "malformed"
    UNSUPPORTED = "unsupported"
    # Not asked at all:
    HELD_OFF = "held_off"  # its provider complained of our address, and is left alone for a while
    OPTED_OUT = "opted_out"  # the operator never asks this domain


@dataclass(frozen=True, slots=True)
class Reply:
    """A well-formed SMTP reply of ``server`` (its MX name). ``text`` is printable, its lines joined by spaces, enhanced
    code included."""

    stage: Stage
    code: int
    text: str
    server: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """``server`` said nothing that can be used at ``stage``; ``text`` tells a person what happened."""

    stage: Stage
    fault: Fault
    text: str
    server: str = ""

    def __str__(self) -> str:
        return self.text


Answer = Reply | NoAnswer


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line of a transcript: what we sent (or did) and what came back, 200 characters each at most."""

    command: str
    reply: str


class RouteKind(StrEnum):
    MX = "mx"
    IMPLICIT = "implicit"  # no MX: the domain's own address takes its mail (RFC 5321 section 5.1)
    NONE = "none"  # proved: the domain takes no mail
    UNKNOWN = "unknown"  # the DNS did not answer


@dataclass(frozen=True, slots=True)
class Route:
    """Where a domain's mail goes: ``servers`` in the order to try, ``note`` what the DNS said when it said no."""

    kind: RouteKind
    servers: tuple[str, ...] = ()
    preferences: tuple[int, ...] = ()
    note: str = ""

    @property
    def found(self) -> bool:
        return self.kind in (RouteKind.MX, RouteKind.IMPLICIT)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything observed about one address.

    ``target`` is the answer that ended its way: to its own RCPT, or to the earlier step that got no further; None when
    no server was asked. ``controls`` are the answers about random recipients (asked once the target was accepted), one
    to three; ``postmaster`` is the one about postmaster@ (asked after an opaque refusal). ``greeted``: a server's
    greeting and our HELO were accepted. ``attempts`` counts the connections tried.
    """

    email: str
    address: Address | None = None
    syntax_fault: str = ""
    free: bool = False
    disposable: bool = False
    role: bool = False
    route: Route | None = None
    greeted: bool = False
    target: Answer | None = None
    controls: tuple[Answer, ...] = ()
    postmaster: Answer | None = None
    attempts: int = 0
    transcript: tuple[Exchange, ...] = ()
    gravatar_url: str | None = None
    has_gravatar: bool | None = None
    dnsbl: dict[str, Any] | None = field(default=None, hash=False)
    checked_at: datetime | None = None
