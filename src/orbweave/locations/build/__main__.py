"""``python -m orbweave.locations.build places ADMIN1_JSON`` or ``outlines COUNTRIES_10M_JSON`` (see docs/data.md)."""

from __future__ import annotations

import sys
from pathlib import Path


def main(arguments: list[str]) -> None:
    match arguments:
        case ["places", admin1]:
            from orbweave.locations.build import places

            print(places.build(Path(admin1)))
        case ["outlines", topology]:
            from orbweave.locations.build import outlines

            print(outlines.build(Path(topology)))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
