"""Which rows go out, what one says beyond its fields, and how many go out at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

Row = Mapping[str, Any]
BATCH = 100


def attribution(row: Row) -> str:
    """Whom to name wherever the row is shown; empty when its source asks for nobody."""
    return row.get("attribution") or ""


def may_be_kept(row: Row) -> bool:
    """A file outlives what its source's terms let anybody keep."""
    return not row.get("expires_at")


async def batches(rows: AsyncIterator[Row]) -> AsyncIterator[list[Row]]:
    batch: list[Row] = []
    async for row in rows:
        if may_be_kept(row):
            batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
