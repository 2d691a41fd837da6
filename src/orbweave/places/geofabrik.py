"""Where OpenStreetMap's extracts are: Geofabrik cuts one a country, daily (https://download.geofabrik.de)."""

from __future__ import annotations

import difflib
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from orbweave.errors import InvalidInput
from orbweave.locations import countries, fold


class Extract(NamedTuple):
    """``country``: whose places are wanted of the file at ``url``, which may hold others too."""

    country: str
    url: str


@lru_cache(maxsize=1)
def paths() -> dict[str, str]:
    """Country code -> path of its extract."""
    text = (files("orbweave.places") / "data" / "geofabrik.txt").read_text("utf-8")
    return dict(line.split(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def extract(name: str, base_url: str) -> Extract:
    """The extract of a country, by its code, its English name or Geofabrik's own name for it. Raises InvalidInput with
    near names."""
    wanted = fold(name)
    named = {fold(text): code for code, text in countries().items()}
    named |= {fold(path.rpartition("/")[2]): code for code, path in reversed(paths().items())}
    code = name.strip().upper() if name.strip().upper() in countries() else named.get(wanted)
    if code is None:
        near = [countries()[named[key]] for key in difflib.get_close_matches(wanted, named, 3, 0.6)]
        hint = f"did you mean {', '.join(dict.fromkeys(near))}?" if near else "give a country, a file or an address."
        raise InvalidInput(f"There is no country or file {name!r}; {hint}", field="what")
    if code not in paths():
        raise InvalidInput(
            f"There is no extract of {countries()[code]} ({code}); give a file or an address of one that holds it.",
            field="what",
        )
    return Extract(code, f"{base_url.rstrip('/')}/{paths()[code]}-latest.osm.pbf")
