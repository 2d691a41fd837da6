"""``bench``: everything that the crawler promises about speed and memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bench.harness import Ratio, Scale
from bench.site import compare, steady
from bench.site.stage import stage

_SITES = 300


async def bench(scale: Scale) -> AsyncIterator[Ratio]:
    async with stage(scale.rows(_SITES)) as one:
        for scheme in ("http", "https"):
            async for ratio in compare.bench(one, scheme, scale):
                yield ratio
        async for ratio in steady.neighbours(one, scale):
            yield ratio
        async for ratio in steady.memory(one, scale):
            yield ratio
