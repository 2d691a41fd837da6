"""``python -m orbweave.maps.build places FILE.osm.pbf...`` or ``dictionary SCHEMA_DIR NAMES_DIR``."""

from __future__ import annotations

import sys
from pathlib import Path


def main(arguments: list[str]) -> None:
    match arguments:
        case ["places", *extracts] if extracts:
            from orbweave.maps.build import places
            from orbweave.maps.packaged import DATA

            for extract in extracts:
                code, count = places.build(Path(extract), Path(str(DATA)))
                print(f"{code}: {count} businesses")
        case ["dictionary", schema, names]:
            from orbweave.maps.build import dictionary

            print(dictionary.build(Path(schema), Path(names)))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
