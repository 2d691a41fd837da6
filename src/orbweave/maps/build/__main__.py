"""``python -m orbweave.maps.build places FILE.osm.pbf...`` or ``dictionary SCHEMA_DIRECTORY``."""

from __future__ import annotations

import sys
from pathlib import Path


def main(arguments: list[str]) -> None:
    match arguments:
        case ["places", *extracts] if extracts:
            from orbweave.maps.build import places

            for extract in extracts:
                code, count = places.build(Path(extract))
                print(f"{code}: {count} businesses")
        case ["dictionary", schema]:
            from orbweave.maps.build import dictionary

            print(dictionary.build(Path(schema)))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
