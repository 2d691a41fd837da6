"""The pool of connections that everything else uses, on our own PostgreSQL or on the user's."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import asyncpg
import orjson

from orbweave.config import Settings
from orbweave.errors import SetupError
from orbweave.store.embedded import EmbeddedPostgres
from orbweave.store.migrate import migrate

Progress = Callable[[str], None]

_NOT_REACHED = (
    OSError,
    ValueError,  # of an address that is none
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
)


class Database:
    """A migrated database. ``json`` and ``jsonb`` come and go as Python values, timestamps as aware datetimes."""

    def __init__(self, pool: asyncpg.Pool[Any], dsn: str, server: EmbeddedPostgres | None = None) -> None:
        self.pool = pool
        self.dsn = dsn
        self.server = server

    @classmethod
    async def connect(cls, dsn: str, *, max_connections: int = 10, server: EmbeddedPostgres | None = None) -> Database:
        """Connects without migrating. Raises SetupError when the server is not reachable or refuses."""
        try:
            pool = await asyncpg.create_pool(dsn, min_size=1, max_size=max_connections, init=_prepare, timeout=30)
        except _NOT_REACHED as error:
            raise unreachable(dsn, error) from None
        return cls(pool, dsn, server)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection[Any]]:
        """A connection inside a transaction: committed at the end of the block, rolled back on an exception."""
        async with self.pool.acquire() as connection, connection.transaction():
            yield connection

    async def close(self) -> None:
        """Closes the connections; stops the embedded server if nobody else uses it."""
        await self.pool.close()
        if self.server is not None:
            await self.server.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def open_database(
    settings: Settings, *, max_connections: int = 10, on_progress: Progress | None = None
) -> Database:
    """DATABASE_URL, or the embedded server started on demand; migrated. Raises SetupError with what to do."""
    server = None
    if settings.database_url is None:
        server = EmbeddedPostgres(settings.home)
        dsn = await server.start(on_progress)
    else:
        dsn = settings.database_url
    try:
        try:
            await migrate(dsn, on_progress)
        except _NOT_REACHED as error:
            raise unreachable(dsn, error) from None
        return await Database.connect(dsn, max_connections=max_connections, server=server)
    except BaseException:
        if server is not None:
            await server.stop()
        raise


def unreachable(dsn: str, error: Exception) -> SetupError:
    """Names the server without the password."""
    parts = urlsplit(dsn)
    where = f"{parts.netloc.rpartition('@')[2] or 'the local socket'}{parts.path}"
    return SetupError(
        f"Cannot open the database at {where} ({str(error) or type(error).__name__}): check DATABASE_URL."
    )


async def _prepare(connection: asyncpg.Connection[Any]) -> None:
    await connection.set_type_codec(
        "json", schema="pg_catalog", format="binary", encoder=orjson.dumps, decoder=orjson.loads
    )
    # The binary form of jsonb is a version byte, then the text.
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda raw: orjson.loads(raw[1:]),
    )
