"""Politeness across worker processes: a host's next turn, and its open requests, in one row."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import asyncpg

from orbweave.net.gate import PATIENCE, HeldOff, LocalGate
from orbweave.store.connect import AWAY
from orbweave.store.database import Database
from orbweave.store.sql import sql

AHEAD = timedelta(seconds=PATIENCE)
KEPT = timedelta(hours=1)
_POLL_SECONDS = 0.2


class SharedGate:
    """A ``net.Gate`` for all workers. What runs in this process queues here first, so that few ask the database at
    once; while it is away, that is all that is kept apart. A place whose process died is free after ``patience``
    seconds; who lives on renews it."""

    def __init__(self, db: Database, patience: float = 30.0) -> None:
        self._db = db
        self._patience = timedelta(seconds=patience)
        self._local = LocalGate()

    @asynccontextmanager
    async def turn(self, host: str, delay: float, connections: int) -> AsyncIterator[None]:
        async with self._local.turn(host, delay, connections):
            taken = None
            with suppress(*AWAY):
                taken = await self._take(host, timedelta(seconds=delay), connections)
            if taken is None:
                yield
                return
            place = _Place(self._db, host, taken["hold"], self._patience)
            try:
                if taken["wait"] > 0:
                    await asyncio.sleep(taken["wait"])
                yield
            finally:
                await place.give_back()

    async def hold_off(self, host: str, seconds: float) -> None:
        await self._local.hold_off(host, seconds)
        with suppress(*AWAY):
            await self._db.pool.execute(sql("hosts/hold_off"), host, timedelta(seconds=seconds))

    async def _take(self, host: str, delay: timedelta, connections: int) -> asyncpg.Record:
        while True:
            if (taken := await self._try(host, delay, connections)) is not None:
                return taken
            turn = await self._db.pool.fetchrow(sql("hosts/next_turn"), host)
            if turn is not None and turn["held"] > PATIENCE:
                raise HeldOff(turn["held"])
            await asyncio.sleep(max(turn["wait"] if turn else 0.0, _POLL_SECONDS))

    async def _try(self, host: str, delay: timedelta, connections: int) -> asyncpg.Record | None:
        ahead = max(AHEAD, 2 * delay)
        trying = asyncio.ensure_future(
            self._db.pool.fetchrow(sql("hosts/take_turn"), host, delay, connections, self._patience, ahead)
        )
        try:
            return await asyncio.shield(trying)
        except asyncio.CancelledError:
            # A place that was taken meanwhile would be nobody's.
            with suppress(*AWAY):
                if (taken := await trying) is not None:
                    await self._db.pool.execute(sql("hosts/give_back"), host, taken["hold"])
            raise


class _Place:
    """Held until it is given back, however long that takes."""

    def __init__(self, db: Database, host: str, hold: datetime, patience: timedelta) -> None:
        self._db = db
        self._host = host
        self._hold = hold
        self._patience = patience
        self._renewal: asyncio.Task[None] | None = None
        self._wait()

    async def give_back(self) -> None:
        self._timer.cancel()
        if self._renewal is not None:
            await self._renewal
            self._timer.cancel()
        with suppress(*AWAY):
            await self._db.pool.execute(sql("hosts/give_back"), self._host, self._hold)

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._patience.total_seconds() / 2, self._start)

    def _start(self) -> None:
        self._renewal = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        with suppress(*AWAY):
            renewed = await self._db.pool.fetchval(sql("hosts/keep_place"), self._host, self._hold, self._patience)
            self._hold = renewed or self._hold
        self._wait()


async def prune_hosts(conn: asyncpg.Connection) -> None:
    await conn.execute(sql("hosts/prune"), KEPT)
