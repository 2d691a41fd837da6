"""Group commit: together when it can be, alone when one is bad, never half."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from orbweave.jobs.group_commit import GroupCommit
from orbweave.store.database import Database


@pytest.fixture
async def table(db: Database) -> Database:
    await db.pool.execute("create table kept (n int primary key)")
    return db


async def kept(db: Database) -> list[int]:
    return [row["n"] for row in await db.pool.fetch("select n from kept order by n")]


async def insert(conn: asyncpg.Connection[Any], items: Sequence[int]) -> list[int]:
    await conn.executemany("insert into kept values ($1)", [(n,) for n in items])
    return [n * 10 for n in items]


async def test_what_arrives_meanwhile_is_committed_together(table: Database) -> None:
    sizes = []

    async def apply(conn: asyncpg.Connection[Any], items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        return await insert(conn, items)

    commit = GroupCommit(table, apply, limit=8)
    assert await asyncio.gather(*map(commit, range(20))) == [n * 10 for n in range(20)]
    assert await kept(table) == list(range(20))
    assert max(sizes) == 8
    assert len(sizes) < 20


async def test_bad_item_fails_alone(table: Database) -> None:
    async def apply(conn: asyncpg.Connection[Any], items: Sequence[int]) -> list[int]:
        if 3 in items:
            raise ValueError("three")
        return await insert(conn, items)

    answers = await asyncio.gather(*map(GroupCommit(table, apply), range(6)), return_exceptions=True)
    assert [answer for answer in answers if not isinstance(answer, Exception)] == [0, 10, 20, 40, 50]
    assert isinstance(answers[3], ValueError)
    assert await kept(table) == [0, 1, 2, 4, 5]


async def test_deadlock_is_tried_again(table: Database) -> None:
    """Two committers that lock two rows in opposite order."""
    await table.pool.execute("insert into kept values (1), (2)")
    both = asyncio.Barrier(2)
    tries = 0

    async def lock(conn: asyncpg.Connection[Any], items: Sequence[list[int]]) -> list[bool]:
        nonlocal tries
        tries += 1
        for position, n in enumerate(items[0]):
            await conn.execute("select from kept where n = $1 for update", n)
            if position == 0 and tries <= 2:
                await both.wait()
        return [True]

    first, second = GroupCommit(table, lock), GroupCommit(table, lock)
    assert await asyncio.gather(first([1, 2]), second([2, 1])) == [True, True]
    assert tries == 3


async def test_lost_connection_fails_all_and_the_next_goes_on(table: Database) -> None:
    cut = True

    async def apply(conn: asyncpg.Connection[Any], items: Sequence[int]) -> list[int]:
        nonlocal cut
        answers = await insert(conn, items)
        if cut:
            cut = False
            await table.pool.execute("select pg_terminate_backend($1)", conn.get_server_pid())
            await conn.execute("select 1")
        return answers

    commit = GroupCommit(table, apply)
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InterfaceError)):
        await commit(1)
    assert await kept(table) == []
    assert await commit(1) == 10
    assert await kept(table) == [1]


async def test_caller_that_gives_up_does_not_stop_the_others(table: Database) -> None:
    commit = GroupCommit(table, insert)
    waiting = [asyncio.ensure_future(commit(n)) for n in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    await asyncio.gather(waiting[0], waiting[2])
    assert await kept(table) == [0, 1, 2]
