"""JSON Lines: the API's own names, one business a line."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson

from orbweave.exports.rows import Row, attribution, batches


async def jsonl(rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    """UTF-8, ``\\n`` after each line. Yields nothing for no rows."""
    async for batch in batches(rows):
        yield b"".join(
            orjson.dumps({**row, "attribution": attribution(row)}, option=orjson.OPT_APPEND_NEWLINE) for row in batch
        )
