"""What the practice servers saw, for assertions."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import IO, TypeVar

import orjson


@dataclass(slots=True)
class HttpRequest:
    """``path`` with its query; ``started`` and ``ended`` in seconds of one monotonic clock, ``ended`` None while open.
    ``status`` 0: no answer was begun."""

    scheme: str
    host: str
    method: str
    path: str
    user_agent: str
    started: float
    ended: float | None = None
    status: int = 0


@dataclass(slots=True)
class SmtpSession:
    """``server`` is the behaviour whose port was dialled; ``commands`` are lines as sent, ``replies`` as answered."""

    server: str
    started: float
    ended: float | None = None
    commands: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    @property
    def domains(self) -> set[str]:
        return {recipient.rpartition("@")[2] for recipient in self.recipients}

    @property
    def verbs(self) -> list[str]:
        return [command.partition(" ")[0].upper() for command in self.commands]


@dataclass(slots=True)
class DnsQuery:
    name: str
    type: str
    transport: str
    rcode: str
    started: float


Entry = TypeVar("Entry", HttpRequest, SmtpSession, DnsQuery)
Timed = TypeVar("Timed", HttpRequest, SmtpSession)


class Log:
    """Everything since the start, in order of arrival; at most ``limit`` entries of each kind, the rest is counted in
    ``dropped``. ``file`` gets one JSON line for each finished entry, for tests in another process."""

    def __init__(self, file: IO[bytes] | None = None, limit: int = 500_000) -> None:
        self.http: list[HttpRequest] = []
        self.smtp: list[SmtpSession] = []
        self.dns: list[DnsQuery] = []
        self.dropped = 0
        self._file = file
        self._limit = limit

    def clear(self) -> None:
        for kept in (self.http, self.smtp, self.dns):
            kept.clear()
        self.dropped = 0

    def request(self, entry: HttpRequest) -> HttpRequest:
        return self._keep(self.http, entry)

    def session(self, entry: SmtpSession) -> SmtpSession:
        return self._keep(self.smtp, entry)

    def query(self, entry: DnsQuery) -> None:
        self._keep(self.dns, entry)
        self._write("dns", entry)

    def finish(self, entry: HttpRequest | SmtpSession) -> None:
        entry.ended = time.monotonic()
        self._write("http" if isinstance(entry, HttpRequest) else "smtp", entry)

    def requests_to(self, host: str) -> list[HttpRequest]:
        """Requests whose Host was ``host``, with or without www."""
        wanted = host.removeprefix("www.")
        return [one for one in self.http if one.host.removeprefix("www.") == wanted]

    def sessions_for(self, domain: str) -> list[SmtpSession]:
        """Mail sessions in which a mailbox of ``domain`` was asked for."""
        return [one for one in self.smtp if domain in one.domains]

    def smtp_verbs(self) -> set[str]:
        """Every SMTP command seen, in capitals: DATA must never be among them."""
        return {verb for session in self.smtp for verb in session.verbs}

    def busiest_host(self) -> tuple[str, int]:
        """(host without www., the most requests it had open at once)."""
        return _busiest(self.http, lambda one: (one.host.removeprefix("www."),))

    def busiest_mail_domain(self) -> tuple[str, int]:
        """(domain, the most mail sessions that asked for its mailboxes at once)."""
        return _busiest(self.smtp, lambda one: one.domains)

    def _keep(self, kept: list[Entry], entry: Entry) -> Entry:
        if len(kept) < self._limit:
            kept.append(entry)
        else:
            self.dropped += 1
        return entry

    def _write(self, kind: str, entry: HttpRequest | SmtpSession | DnsQuery) -> None:
        if self._file is not None:
            self._file.write(orjson.dumps({"kind": kind, **asdict(entry)}, option=orjson.OPT_APPEND_NEWLINE))
            self._file.flush()


def _busiest(entries: Iterable[Timed], keys: Callable[[Timed], Iterable[str]]) -> tuple[str, int]:
    moments: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for entry in entries:
        for key in keys(entry):
            moments[key].append((entry.started, 1))
            moments[key].append((float("inf") if entry.ended is None else entry.ended, -1))
    most: Counter[str] = Counter()
    for key, changes in moments.items():
        open_now = 0
        for _, change in sorted(changes):
            open_now += change
            most[key] = max(most[key], open_now)
    return most.most_common(1)[0] if most else ("", 0)
