"""A campaign's counters: 32 rows a campaign, one a slot, so that parallel finishers do not queue for one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from orbweave.store.database import Database
from orbweave.store.sql import sql

SLOTS = 32

Deltas = dict[str, Counter[str]]
"""Campaign id -> counter name -> change."""


async def add(conn: asyncpg.Connection, slot: int, deltas: Mapping[str, Mapping[str, int]]) -> None:
    """Apply changes of counters inside the transaction that changed the rows they count."""
    rows = [
        {"campaign_id": campaign, "slot": slot % SLOTS, **{name: n for name, n in change.items() if n}}
        for campaign, change in sorted(deltas.items())
        if any(change.values())
    ]
    if rows:
        await conn.execute(sql("counters/add"), rows)


async def differences(db: Database, campaigns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Counters that do not say what the rows say: {campaign_id, counter, counted, actual}. Empty is well."""
    async with db.pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        counted = await conn.fetch(sql("counters/totals"), campaigns)
        actual = await conn.fetch(sql("counters/recount"), campaigns)
    return [
        {"campaign_id": one["campaign_id"], "counter": name, "counted": one[name], "actual": other[name]}
        for one, other in zip(counted, actual, strict=True)
        for name in other.keys()  # noqa: SIM118 -- asyncpg.Record is no dict
        if one[name] != other[name]
    ]
