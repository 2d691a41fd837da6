"""``bench``: everything that the verifier promises about speed and memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bench.harness import Ratio, Scale
from bench.verify import compare, manners, steady
from bench.verify.stage import stage


async def bench(scale: Scale) -> AsyncIterator[Ratio]:
    async with stage() as one:
        for part in (
            compare.cpu,
            manners.sessions,
            manners.second_run,
            steady.hostile,
            steady.sessions,
            steady.dead,
            steady.memory,
        ):
            async for ratio in part(one, scale):
                yield ratio
