"""Why a page could not be had: one word for machines, one sentence for people."""

from __future__ import annotations

import ssl
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp

from orbweave import net


class FetchError(Exception):
    """``outcome`` is one word for machines, ``reason`` a sentence for people, ``status`` the HTTP status if there was
    one, ``retry_after`` seconds the server asked for."""

    def __init__(
        self, outcome: str, reason: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.outcome, self.reason, self.status, self.retry_after = outcome, reason, status, retry_after

    @property
    def is_missing(self) -> bool:
        """Is there just no such page?"""
        return self.status in (404, 410)


TLS = frozenset(
    {"tls_expired", "tls_not_yet_valid", "tls_wrong_host", "tls_self_signed", "tls_unknown_issuer", "tls_protocol"}
)
UNREACHABLE = frozenset(
    {"refused_address", "refused_host", "refused_port", "no_contact"}
    | {"name_not_found", "name_unavailable", "connection"}
    | TLS
)
"""Why a host can't be asked at all."""
NO_DOOR = frozenset({"name_not_found", "connection"} | TLS)
"""Why a site can't be entered by this address, though perhaps by another."""
OF_THE_HOST = frozenset(
    {"timeout", "dropped", "connection", "bad_http", "name_unavailable", "http_error", "blocked", "retry_later"} | TLS
)
"""Failures of the host or the connection, not of one page."""

# X509_V_ERR_…
_CERTIFICATES = {
    10: ("tls_expired", "its certificate has expired"),
    9: ("tls_not_yet_valid", "its certificate is not valid yet"),
    62: ("tls_wrong_host", "its certificate is for another host"),
    64: ("tls_wrong_host", "its certificate is for another address"),
    18: ("tls_self_signed", "its certificate is self-signed"),
    19: ("tls_unknown_issuer", "its certificate comes from an issuer nobody knows"),
    20: ("tls_unknown_issuer", "its certificate comes from an unknown issuer, or an intermediate one is missing"),
    21: ("tls_unknown_issuer", "its certificate comes from an unknown issuer, or an intermediate one is missing"),
}
_STATUSES = {
    401: "It asks for a password (401).",
    403: "The server refuses robots or this address (403).",
    404: "There is no such page (404).",
    410: "The page is gone (410).",
    429: "The server says that these are too many requests (429).",
    451: "The server may not show it here (451).",
    503: "The server is not available now (503).",
}


def explained(error: Exception, seconds: float, *, secure: bool) -> FetchError:
    """What an exception of a request means; ``seconds`` it was given, ``secure`` over TLS."""
    if isinstance(error, FetchError):
        return error
    if isinstance(error, TimeoutError):
        return FetchError("timeout", f"No answer within {seconds:g} s.")
    if isinstance(error, net.NetError):
        return FetchError(_NET.get(type(error), "name_unavailable"), str(error))
    if isinstance(error, ssl.SSLError | aiohttp.ClientConnectorSSLError | aiohttp.ClientConnectorCertificateError):
        return _tls(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        # Nobody who refuses a connection resets it: that is how handshakes end with those who don't want any.
        if secure and isinstance(error.os_error, ConnectionResetError | BrokenPipeError):
            return FetchError("tls_protocol", "The secure connection failed: the server broke it off.")
        return FetchError("connection", f"No connection: {error.os_error.strerror or error.os_error}.")
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError | OSError):
        return FetchError("dropped", "The server closed the connection before it had answered.")
    return FetchError("bad_http", f"The answer is not valid HTTP ({_short(error)}).")


_NET = {
    net.AddressRefused: "refused_address", net.NameNotFound: "name_not_found", net.ContactMissing: "no_contact",
}  # fmt: skip


def of_status(status: int, retry_after: str) -> FetchError:
    return FetchError(
        "blocked" if status in (401, 403, 429, 451) else "http_error",
        _STATUSES.get(status, f"The server answered with an error ({status})."),
        status=status,
        retry_after=seconds_until(retry_after),
    )


def seconds_until(value: str) -> float | None:
    """A Retry-After header, seconds or a date, as seconds from now."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    with suppress(ValueError, TypeError, OverflowError):
        when = parsedate_to_datetime(value)
        return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
    return None


def _tls(error: Exception) -> FetchError:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    found = _CERTIFICATES.get(getattr(cause, "verify_code", 0))
    if found is not None:
        return FetchError(found[0], f"The secure connection failed: {found[1]}.")
    if message := getattr(cause, "verify_message", ""):
        return FetchError("tls_unknown_issuer", f"The secure connection failed: {message.rstrip('.')[:150]}.")
    detail = str(getattr(cause, "reason", "") or cause).replace("_", " ").lower()[:150].rstrip(".")
    return FetchError("tls_protocol", f"The secure connection failed: {detail}.")


def _short(error: Exception) -> str:
    if isinstance(error, aiohttp.http_exceptions.LineTooLong):
        return "its header is too long"
    return " ".join((getattr(error, "message", "") or str(error) or type(error).__name__).split())[:100]
