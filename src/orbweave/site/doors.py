"""By which addresses a site may be entered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from orbweave.site import urls
from orbweave.site.failures import NO_DOOR


def next_door(start: str, outcomes: Sequence[str], scheme_given: bool) -> str | None:
    """Where to try next, after the doors before ended with ``outcomes``; None when that would not help.

    A name that isn't there may be with or without ``www``; a host that doesn't answer, or not securely, may by the
    other scheme. But nobody who wrote https is sent to http, and a fault of the secure connection leads there only who
    wrote neither."""
    if not outcomes:
        return start
    parts = urlsplit(start)
    if outcomes[-1] not in NO_DOOR or parts.port is not None or urls.is_address(parts.hostname or ""):
        return None
    host = parts.netloc.removeprefix("www.") if parts.netloc.startswith("www.") else f"www.{parts.netloc}"
    may_be_open = parts.scheme == "http" or not scheme_given
    doors = [start]
    if outcomes[0] != "name_not_found" and may_be_open:
        doors.append(urlunsplit(parts._replace(scheme="https" if parts.scheme == "http" else "http")))
    doors.append(urlunsplit(parts._replace(scheme="https", netloc=host)))
    if may_be_open:
        doors.append(urlunsplit(parts._replace(scheme="http", netloc=host)))
    return doors[len(outcomes)] if len(outcomes) < len(doors) else None
