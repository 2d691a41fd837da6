"""The pool of connections that everything else uses, on our own PostgreSQL or on the user's."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

import asyncpg
import orjson

from orbweave.config import Settings
from orbweave.store.connect import TIMEOUT, reaching
from orbweave.store.embedded import EmbeddedPostgres, Progress
from orbweave.store.migrate import migrate


class Database:
    """A migrated database. ``json`` and ``jsonb`` come and go as Python values, timestamps as aware datetimes."""

    def __init__(self, pool: asyncpg.Pool[Any], dsn: str, server: EmbeddedPostgres | None = None) -> None:
        self.pool = pool
        self.dsn = dsn
        self.server = server

    @classmethod
    async def connect(cls, dsn: str, *, max_connections: int = 10, server: EmbeddedPostgres | None = None) -> Database:
        """Connects without migrating. Raises SetupError when the server is not reachable or refuses."""
        with reaching(dsn):
            pool = await asyncpg.create_pool(dsn, min_size=1, max_size=max_connections, init=prepare, timeout=TIMEOUT)
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


@contextlib.asynccontextmanager
async def database_server(settings: Settings, on_progress: Progress | None = None) -> AsyncIterator[str]:
    """The DSN of these settings' database, not migrated, whose embedded server runs for as long as the block does."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.home)
    dsn = await server.start(on_progress)
    try:
        yield dsn
    finally:
        await server.stop(on_progress)


async def open_database(
    settings: Settings, *, max_connections: int = 10, on_progress: Progress | None = None
) -> Database:
    """DATABASE_URL, or the embedded server started on demand; migrated. Raises SetupError with what to do."""
    server = None if settings.database_url is not None else EmbeddedPostgres(settings.home)
    dsn = settings.database_url or (await server.start(on_progress) if server else "")
    try:
        await migrate(dsn, on_progress)
        return await Database.connect(dsn, max_connections=max_connections, server=server)
    except BaseException:
        if server is not None:
            await server.stop()
        raise


async def prepare(connection: asyncpg.Connection[Any]) -> None:
    """JSON comes and goes as Python values."""
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
