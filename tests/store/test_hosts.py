"""A host's turns, shared by gates that know nothing of each other but the database."""

from __future__ import annotations

import asyncio
import time

import pytest

from orbweave.net import HeldOff
from orbweave.store.database import Database
from orbweave.store.hosts import SharedGate, prune_hosts


async def test_turns_of_several_processes_keep_their_distance(db: Database) -> None:
    gates = [SharedGate(db) for _ in range(4)]
    began: list[float] = []

    async def ask(gate: SharedGate) -> None:
        async with gate.turn("one.example", 0.05, 2):
            began.append(time.monotonic())

    await asyncio.gather(*(ask(gate) for gate in gates for _ in range(3)))
    # The twelfth cannot have begun before eleven pauses had passed, whatever the machine was doing.
    assert max(began) - min(began) >= 11 * 0.05 - 0.04


async def test_no_more_requests_are_open_than_the_host_has_places(db: Database) -> None:
    gates = [SharedGate(db) for _ in range(4)]
    now = most = 0

    async def ask(gate: SharedGate) -> None:
        nonlocal now, most
        async with gate.turn("one.example", 0.0, 2):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.01)
            now -= 1

    await asyncio.gather(*(ask(gate) for gate in gates for _ in range(3)))
    assert most == 2


async def test_hosts_do_not_wait_for_each_other(db: Database) -> None:
    gate = SharedGate(db)
    async with gate.turn("one.example", 3600, 1), gate.turn("two.example", 3600, 1):
        assert await db.pool.fetchval("select count(*) from hosts where cardinality(holds) = 1") == 2
    assert await db.pool.fetchval("select count(*) from hosts where cardinality(holds) = 0") == 2


async def test_a_request_that_fails_or_is_cancelled_gives_its_place_back(db: Database) -> None:
    gate = SharedGate(db)
    entered = asyncio.Event()

    async def stall() -> None:
        async with gate.turn("one.example", 0, 1):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(stall())
    await entered.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with SharedGate(db).turn("one.example", 0, 1):
        pass


async def test_the_place_of_a_process_that_died_is_free_after_a_while(db: Database) -> None:
    await db.pool.execute(
        "insert into hosts (host, next_at, holds) values"
        " ('one.example', now(), array[now() - interval '1 s', now() - interval '1 min'])"
    )
    async with SharedGate(db).turn("one.example", 0, 1):
        assert await db.pool.fetchval("select cardinality(holds) from hosts") == 1


async def test_a_place_is_kept_for_as_long_as_it_is_held(db: Database) -> None:
    async with SharedGate(db, patience=0.4).turn("one.example", 0, 1):
        first = await db.pool.fetchval("select holds[1] from hosts")
        async with asyncio.timeout(30):
            while (await db.pool.fetchval("select holds[1] from hosts")) == first:
                await asyncio.sleep(0.01)
        assert await db.pool.fetchval("select cardinality(holds) from hosts") == 1
    assert await db.pool.fetchval("select cardinality(holds) from hosts") == 0


async def test_a_pause_that_the_host_asked_for_holds_for_all(db: Database) -> None:
    await SharedGate(db).hold_off("one.example", 3600)
    await SharedGate(db).hold_off("one.example", 5)
    with pytest.raises(HeldOff) as held:
        async with SharedGate(db).turn("one.example", 0.0, 2):
            pass
    assert 3500 < held.value.seconds <= 3600
    await db.pool.execute("update hosts set held_until = now()")
    async with SharedGate(db).turn("one.example", 0.0, 2):
        pass


async def test_hosts_that_nobody_asks_any_more_are_forgotten(db: Database) -> None:
    await db.pool.execute("insert into hosts (host, next_at) values ('old.example', now() - interval '2 hours')")
    async with SharedGate(db).turn("one.example", 0, 1):
        pass
    async with db.transaction() as conn:
        await prune_hosts(conn)
    assert await db.pool.fetchval("select array_agg(host) from hosts") == ["one.example"]


async def test_without_a_database_the_crawls_of_a_process_still_take_turns(db: Database) -> None:
    gate = SharedGate(db)
    await db.pool.close()
    now = most = 0

    async def ask() -> None:
        nonlocal now, most
        async with gate.turn("one.example", 0.0, 2):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1

    await asyncio.gather(*(ask() for _ in range(6)))
    assert most == 2


async def test_a_turn_that_is_cancelled_while_it_is_taken_leaves_no_place_behind(db: Database) -> None:
    gate = SharedGate(db)

    async def ask(number: int) -> None:
        async with gate.turn(f"{number % 7}.example", 0.0, 1):
            await asyncio.sleep(0)

    for number in range(60):
        task = asyncio.create_task(ask(number))
        for _ in range(number % 12):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert not await db.pool.fetchval("select sum(cardinality(holds)) from hosts")
