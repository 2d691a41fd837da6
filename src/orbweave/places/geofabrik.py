"""Where OpenStreetMap's extracts are: Geofabrik cuts one a country, daily (https://download.geofabrik.de)."""

from __future__ import annotations

import difflib
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from orbweave.errors import InvalidInput
from orbweave.locations import countries, country_called, fold


class Extract(NamedTuple):
    """``country``: whose places are wanted of the file at ``url``, which may hold others too; None: of all it holds."""

    country: str | None
    url: str


@lru_cache(maxsize=1)
def paths() -> dict[str, str]:
    """Country code -> path of its extract."""
    text = (files("orbweave.places") / "data" / "geofabrik.txt").read_text("utf-8")
    return dict(line.split(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def extract(name: str, base_url: str) -> Extract:
    """The extract of a country, by its code, its name in any language or Geofabrik's own name for the extract. Raises
    InvalidInput with near names."""
    code, wanted = name.strip().upper(), fold(name)
    if code not in countries():
        code = country_called(name) or ""
    if code:
        if code not in paths():
            raise InvalidInput(
                f"There is no extract of {countries()[code]} ({code}); give a file or an address of one that holds it,"
                f" with --country {code}.",
                field="what",
            )
        return Extract(code, _url(base_url, paths()[code]))
    holding: dict[str, list[str]] = {}
    for of, path in paths().items():
        holding.setdefault(path, []).append(of)
    named = {fold(path.rpartition("/")[2]): path for path in holding}
    if wanted in named:
        path = named[wanted]
        return Extract(holding[path][0] if len(holding[path]) == 1 else None, _url(base_url, path))
    known = {fold(text): text for text in countries().values()}
    near = [known[key] for key in difflib.get_close_matches(wanted, known, 3, 0.7)]
    hint = f"did you mean {' or '.join(near)}?" if near else "give a country, a file or an address."
    raise InvalidInput(f"There is no country or file {name!r}; {hint}", field="what")


def _url(base_url: str, path: str) -> str:
    return f"{base_url.rstrip('/')}/{path}-latest.osm.pbf"
