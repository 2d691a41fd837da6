"""Whether mail servers can be reached from here at all: a circuit breaker over all of them."""

from __future__ import annotations

import time
from collections.abc import Callable

from orbweave.verify import lists

PAUSE = 600.0
"""Seconds until one server is tried again."""
KNOWN_WEIGHT = 7
"""A large provider's server is hardly ever down; a stranger's often is, and counts 1."""
ENOUGH = 20
WHAT_TO_DO = (
    "Run it on a host where port 25 is open, or name a way out with ORBWEAVE_SMTP_PROXY or ORBWEAVE_SMTP_SOURCE "
    "(docs/port-25.md)."
)
MAYBE = "If that is so with every server, port 25 is closed here; `orbweave doctor` tells."
CLOSED = f"No mail server can be reached from this machine; its network seems to close port 25. {WHAT_TO_DO}"


class Egress:
    """One per process. Closed when many different servers, of two operators at least, cannot be connected to and none
    could; any connection opens it again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.proved = False
        """A server was reached at some time."""
        self._forget()
        self._closed_until: float | None = None

    @property
    def closed(self) -> bool:
        return self._closed_until is not None

    def admits(self) -> bool:
        """Whether a server may be tried. While closed, one may every ``PAUSE`` seconds."""
        if self._closed_until is None:
            return True
        now = self._clock()
        if now < self._closed_until:
            return False
        self._closed_until = now + PAUSE
        return True

    def reached(self) -> None:
        """A server was connected to."""
        self.proved = True
        self._forget()
        self._closed_until = None

    def failed(self, server: str) -> None:
        """``server`` (an MX name) could not be connected to."""
        if self._closed_until is not None or server in self._failed:
            return
        provider = lists.provider((server,))
        self._failed.add(server)
        self._operators.add(provider or ".".join(server.split(".")[-2:]))
        self._weight += KNOWN_WEIGHT if provider else 1
        if len(self._operators) > 1 and self._weight >= ENOUGH:
            self._forget()
            self._closed_until = self._clock() + PAUSE

    def _forget(self) -> None:
        self._failed: set[str] = set()
        self._operators: set[str] = set()
        self._weight = 0
