"""Every error a user can cause or meet, mapped to HTTP and to exit codes in one place each (api/errors.py, cli).

OrbweaveError
├── InvalidInput          422  the request is malformed or names what does not exist; says what there is
├── IllegalState          400  the thing exists, but not in a state that allows this
├── NotFound              404  no such thing for this client
├── Conflict              409  jobs are running
├── Gone                  410  the job failed or was cancelled, there are no results
├── Unauthenticated       401  no or wrong credentials
├── Forbidden             403  the client is inactive
├── RateLimited           429  carries retry_after seconds
├── Unavailable           503  database, queue or network is not there now
└── SetupError            exit 1: the machine lacks something (disk, port, Python, binary); the message says what to do
"""

from __future__ import annotations


class OrbweaveError(Exception):
    """Base; ``str(error)`` is a sentence for a person that says what to do."""


class InvalidInput(OrbweaveError):
    """Malformed or unknown input. ``field`` names the offending field (dotted path) when there is one."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class IllegalState(OrbweaveError):
    pass


class NotFound(OrbweaveError):
    pass


class Conflict(OrbweaveError):
    pass


class Gone(OrbweaveError):
    pass


class Unauthenticated(OrbweaveError):
    pass


class Forbidden(OrbweaveError):
    pass


class RateLimited(OrbweaveError):
    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(OrbweaveError):
    pass


class SetupError(OrbweaveError):
    pass
