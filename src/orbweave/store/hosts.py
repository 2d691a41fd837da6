"""Politeness across worker processes: a host's next turn, and its open requests, in one row."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import asyncpg

from orbweave.net.gate import PATIENCE, HeldOff, LocalGate
from orbweave.store.connect import AWAY
from orbweave.store.database import Database
from orbweave.store.sql import sql

HELD_AT_MOST = timedelta(minutes=4)
"""Longer than a page may take; after it the request of a process that died counts as over."""
AHEAD = timedelta(seconds=PATIENCE)
KEPT = timedelta(hours=1)
_POLL_SECONDS = 0.2


class SharedGate:
    """A ``net.Gate`` for all workers. What runs in this process queues here first, so that few ask the database at
    once; while it is away, that is all that is kept apart."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._local = LocalGate()

    @asynccontextmanager
    async def turn(self, host: str, delay: float, connections: int) -> AsyncIterator[None]:
        async with self._local.turn(host, delay, connections):
            taken = None
            with suppress(*AWAY):
                taken = await self._take(host, timedelta(seconds=delay), connections)
            try:
                if taken is not None and taken["wait"] > 0:
                    await asyncio.sleep(taken["wait"])
                yield
            finally:
                if taken is not None:
                    with suppress(*AWAY):
                        await self._db.pool.execute(sql("hosts/give_back"), host, taken["hold"])

    async def hold_off(self, host: str, seconds: float) -> None:
        await self._local.hold_off(host, seconds)
        with suppress(*AWAY):
            await self._db.pool.execute(sql("hosts/hold_off"), host, timedelta(seconds=seconds))

    async def _take(self, host: str, delay: timedelta, connections: int) -> asyncpg.Record:
        while True:
            taken = await self._db.pool.fetchrow(
                sql("hosts/take_turn"), host, delay, connections, HELD_AT_MOST, max(AHEAD, 2 * delay)
            )
            if taken is not None:
                return taken
            turn = await self._db.pool.fetchrow(sql("hosts/next_turn"), host)
            if turn is not None and turn["held"] > PATIENCE:
                raise HeldOff(turn["held"])
            await asyncio.sleep(max(turn["wait"] if turn else 0.0, _POLL_SECONDS))


async def prune_hosts(conn: asyncpg.Connection) -> None:
    await conn.execute(sql("hosts/prune"), KEPT)
