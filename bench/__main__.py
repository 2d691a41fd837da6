"""``python -m bench [--only NAME] [--quick]``: every ratio with its target; exit code 1 when one is missed."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable

from bench import campaign, jobs, places, status
from bench.harness import Ratio, Scale
from bench.site import run as site
from bench.verify import run as verify

BENCHES: dict[str, Callable[[Scale], AsyncIterator[Ratio]]] = {
    "status": status.bench,
    "jobs": jobs.bench,
    "campaign": campaign.bench,
    "places": places.bench,
    "site": site.bench,
    "verify": verify.bench,
}


async def run(names: list[str], scale: Scale) -> bool:
    good = True
    for name in names:
        async for ratio in BENCHES[name](scale):
            print(ratio, flush=True)
            good &= ratio.good
    return good


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=BENCHES, action="append", help="one bench; repeat for more")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, one round: to see that it works")
    given = parser.parse_args()
    return 0 if asyncio.run(run(given.only or list(BENCHES), Scale(given.quick))) else 1


if __name__ == "__main__":
    sys.exit(main())
