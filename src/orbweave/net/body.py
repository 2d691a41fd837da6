"""Reading answers that may be of any length."""

from __future__ import annotations

import aiohttp


async def read_at_most(answer: aiohttp.ClientResponse, limit: int) -> bytes | None:
    """The body; None when it is longer than ``limit`` bytes, of which no more are read then."""
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
