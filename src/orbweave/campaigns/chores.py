"""What a campaign needs when no job of its own is there to do it: its end noted, a stalled dispatch taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import asyncpg

from orbweave.campaigns.advance import Advance, share
from orbweave.store.events import Event, record
from orbweave.store.sql import sql


async def note_ends(conn: asyncpg.Connection[Any]) -> None:
    """Campaigns without anything left get their ``campaign.terminal`` event, once."""
    endable = [row["campaign_id"] for row in await conn.fetch(sql("campaigns/endable"))]
    ended = await conn.fetch(sql("campaigns/settle"), endable) if endable else []
    await record(conn, [_terminal(row) for row in ended])


def _terminal(row: Any) -> Event:
    completed, failed, total = row["completed"], row["failed"], row["completed"] + row["failed"]
    terminal: Literal["completed", "degraded", "failed"] = (
        "completed" if not failed else "failed" if not completed else "degraded"
    )
    data = {
        "terminal": terminal,
        "completed": completed,
        "failed": failed,
        "total": total,
        "success_pct": round(100 * completed / total, 2) if total else 100.0,
    }
    return Event(row["client_id"], "campaign.terminal", row["campaign_id"], data=data)


class Dispatcher:
    """Lets crawls into the queue as there is room, apart from the transactions that end them, which hold the rows of
    other websites; and takes up the dispatch that two transactions which could not see each other left behind."""

    def __init__(self, advance: Advance) -> None:
        self._advance = advance

    async def dispatch(self, conn: asyncpg.Connection[Any]) -> None:
        room = {row["campaign_id"]: row["room"] for row in await conn.fetch(sql("campaigns/dispatchable"))}
        for campaign_id, found in (await share(conn, set(room))).items():
            if found.dispatches:
                await self._advance.dispatch(conn, found, room[campaign_id])

    async def admit(self, conn: asyncpg.Connection[Any]) -> None:
        for row in await conn.fetch(sql("jobs/admissible"), self._advance.inflight):
            await self._advance.admit(conn, row["campaign_id"], row["room"])


def chores(advance: Advance) -> Sequence[Any]:
    dispatcher = Dispatcher(advance)
    return [dispatcher.dispatch, dispatcher.admit, note_ends]
