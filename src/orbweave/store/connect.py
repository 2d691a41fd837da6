"""Reaching a PostgreSQL server; what goes wrong on the way is one sentence without the password."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from orbweave.errors import SetupError

TIMEOUT = 30.0  # seconds for one connection

AWAY: tuple[type[Exception], ...] = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that broke in the middle of an answer
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
"""The server went away or has no room; nothing was committed, or we cannot know."""

_NOT_REACHED = (
    *AWAY,
    ValueError,  # of an address that is none
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


@contextlib.asynccontextmanager
async def connect(dsn: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """One connection for the block. Raises SetupError when the server is not reachable or refuses."""
    with reaching(dsn):
        connection = await asyncpg.connect(dsn, timeout=TIMEOUT)
    try:
        yield connection
    finally:
        await connection.close()


@contextlib.contextmanager
def reaching(dsn: str) -> Iterator[None]:
    """Around whatever opens connections: its errors become a SetupError."""
    try:
        yield
    except _NOT_REACHED as error:
        reason = str(error) or type(error).__name__
        raise SetupError(f"Cannot open the database at {address(dsn)} ({reason}): check DATABASE_URL.") from None


def address(dsn: str) -> str:
    """``host:port/database``."""
    parts = urlsplit(dsn)
    return f"{parts.netloc.rpartition('@')[2] or 'the local socket'}{parts.path}"
