"""What a row says beyond its fields, and how many go out at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

Row = Mapping[str, Any]
BATCH = 100

ATTRIBUTIONS = {
    "ODbL-1.0": "© OpenStreetMap contributors",
}


def attribution(row: Row) -> str:
    """Whom to name wherever the row is shown; empty when its licence asks for nobody."""
    return ATTRIBUTIONS.get(row.get("source_license") or "", "")


async def batches(rows: AsyncIterator[Row]) -> AsyncIterator[list[Row]]:
    batch: list[Row] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
