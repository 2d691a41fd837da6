"""Group commit: what arrives while a transaction runs goes into the next one, together."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import asyncpg

from orbweave.store.connect import AWAY
from orbweave.store.database import Database

Item = TypeVar("Item")
Answer = TypeVar("Answer")

RETRIED = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)
RETRIES = 8


class GroupCommit(Generic[Item, Answer]):
    """``await commit(item)`` returns that item's answer once the transaction that holds it has committed.

    ``apply`` gets a connection inside a transaction and up to ``limit`` items, and answers each, in order. When it
    raises, the items are tried one by one, so that a bad one fails alone.
    """

    def __init__(
        self,
        db: Database,
        apply: Callable[[asyncpg.Connection, Sequence[Item]], Awaitable[Sequence[Answer]]],
        *,
        limit: int = 64,
    ) -> None:
        self._db = db
        self._apply = apply
        self._limit = limit
        self._waiting: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(self._limit, len(self._waiting)))]
            try:
                self._answer(batch, await self._commit([item for item, _ in batch]))
            except Exception as error:
                if len(batch) == 1 or isinstance(error, AWAY):
                    self._fail(batch, error)
                    continue
                for one in batch:
                    try:
                        self._answer([one], await self._commit([one[0]]))
                    except Exception as own:
                        self._fail([one], own)

    async def _commit(self, items: Sequence[Item]) -> Sequence[Answer]:
        for left in reversed(range(RETRIES)):
            try:
                async with self._db.transaction() as conn:
                    return await self._apply(conn, items)
            except RETRIED:
                if not left:
                    raise
                await asyncio.sleep(random.uniform(0, 0.05 * (RETRIES - left)))
        raise AssertionError

    @staticmethod
    def _answer(batch: Sequence[tuple[Item, asyncio.Future[Answer]]], answers: Sequence[Answer]) -> None:
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)

    @staticmethod
    def _fail(batch: Sequence[tuple[Item, asyncio.Future[Answer]]], error: Exception) -> None:
        for _, future in batch:
            if not future.done():
                future.set_exception(error)
