"""``python -m orbweave.practice``: what tests and scripts start; people use ``orbweave practice``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path

from orbweave.errors import OrbweaveError
from orbweave.practice import Practice, serve, synthetic


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m orbweave.practice", description="DNS, web and mail servers on loopback."
    )
    parser.add_argument("--country", default="", help="ISO codes of the businesses to answer for, such as LI,AD")
    parser.add_argument("--synthetic", type=int, default=0, metavar="N", help="made-up sites besides")
    parser.add_argument("--good", action="store_true", help="no hostile ones among the made-up sites")
    parser.add_argument("--latency", type=float, default=0.02, metavar="SECONDS", help="before each answer")
    parser.add_argument(
        "--greylist", type=float, default=2.0, metavar="SECONDS", help="until a greylisted address passes"
    )
    parser.add_argument("--env-file", type=Path, help="where to write the settings once all is ready")
    parser.add_argument("--log-file", type=Path, help="a JSON line for each request, session and query")
    parser.add_argument("--folder", type=Path, help="where ca.pem goes; default a temporary folder")
    parser.add_argument("--stop-with-stdin", action="store_true", help="end when standard input closes")
    given = parser.parse_args()
    try:
        with ExitStack() as stack:
            log_file = stack.enter_context(given.log_file.open("ab")) if given.log_file else None
            practice = Practice(
                given.country,
                extra_sites=synthetic(given.synthetic, kind="good" if given.good else "mixed"),
                latency=given.latency,
                greylist_seconds=given.greylist,
                folder=given.folder,
                log_file=log_file,
            )
            ready = serve(
                practice,
                env_file=given.env_file,
                on_ready=lambda one: print(one.env_lines(), end="", flush=True),
                stop_with_stdin=given.stop_with_stdin,
            )
            asyncio.run(ready)
    except OrbweaveError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
