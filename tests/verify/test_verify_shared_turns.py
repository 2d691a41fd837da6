"""Turns of workers that share nothing but the database."""

from __future__ import annotations

import asyncio

from verify_loopback import NO_USER, Script, mx, world

from orbweave.store.database import Database
from orbweave.store.hosts import SharedGate
from orbweave.verify import Verifier
from orbweave.verify.pace import Pace

S3150 = "550 5.7.1 Messages from [192.0.2.1] weren't sent. Part of their network is on our block list (S3150)."


async def test_no_two_workers_are_at_one_server(db: Database) -> None:
    names = [f"d{i}.test" for i in range(12)]
    script = Script(rcpt={"*": NO_USER})
    async with world({"mx.a.test": script}, {(name, "MX"): mx("mx.a.test") for name in names}) as here:
        workers = [Verifier(here.network, pace=Pace(SharedGate(db), 0)) for _ in range(4)]
        found = await asyncio.gather(
            *(workers[i % 4].check_domain([f"bob@{name}"], here.options) for i, name in enumerate(names))
        )
        server = here.servers["mx.a.test"]
    assert {one.status for [one] in found} == {"invalid"}
    assert (len(server.sessions), server.most) == (12, 1)
    assert await db.pool.fetchval("select bool_and(cardinality(holds) = 0) from hosts")


async def test_a_complaint_is_heeded_by_all_workers(db: Database) -> None:
    servers = {f"{x}.mail.protection.outlook.com": Script(rcpt={"*": S3150}) for x in "ab"}
    records = {(f"{x}.test", "MX"): mx(f"{x}.mail.protection.outlook.com") for x in "ab"}
    async with world(servers, records) as here:
        one, two = (Verifier(here.network, pace=Pace(SharedGate(db), 0)) for _ in range(2))
        [first] = await one.check_domain(["bob@a.test"], here.options)
        [second] = await two.check_domain(["bob@b.test"], here.options)
        assert here.servers["b.mail.protection.outlook.com"].sessions == []
    assert [first.sub_status, second.sub_status] == ["blocked", "blocked"]
    assert second.greylisted
