"""The table of what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import asyncpg

from orbweave.store.sql import sql


@dataclass(frozen=True, slots=True)
class Event:
    client_id: str
    type: str
    campaign_id: str | None = None
    job_id: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


async def record(conn: asyncpg.Connection, events: Sequence[Event]) -> None:
    """Write events in the transaction that makes them true."""
    if events:
        await conn.execute(sql("events/insert"), [asdict(event) for event in events])
