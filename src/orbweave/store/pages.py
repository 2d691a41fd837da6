"""Pages that workers have fetched, for crawls that begin again and for recrawls."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import asyncpg

from orbweave.site import StoredPage
from orbweave.store.connect import AWAY
from orbweave.store.database import Database
from orbweave.store.sql import sql


class StoredPages:
    """A ``site.PageStore``. It only saves requests, so a database that is away means a page that is not there."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, url: str) -> StoredPage | None:
        row = None
        with suppress(*AWAY, asyncpg.PostgresError):
            row = await self._db.pool.fetchrow(sql("pages/get"), url)
        return None if row is None else StoredPage(**{**row, "body": zlib.decompress(row["body"])})

    async def put(self, page: StoredPage) -> None:
        with suppress(*AWAY, asyncpg.PostgresError, asyncpg.DataError):
            await self._db.pool.execute(
                sql("pages/put"), page.url, page.final_url, page.status, page.content_type, page.etag,
                page.last_modified, page.fetched_at, zlib.compress(page.body, 1),
            )  # fmt: skip


def prune_pages(megabytes: int, days: float) -> Callable[[asyncpg.Connection], Awaitable[None]]:
    """The chore that keeps the newest pages, at most ``megabytes`` of them for at most ``days``."""

    async def prune(conn: asyncpg.Connection) -> None:
        await conn.execute(sql("pages/prune"), megabytes * 1_000_000, timedelta(days=days))

    return prune
