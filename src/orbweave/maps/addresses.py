"""Postal addresses on one line, in the order that the country writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

Tags = Mapping[str, str]
Groups = tuple[tuple[str, ...], ...]

_STREET = ("addr:street", "contact:street", "addr:place", "addr:housename")
_PARTS = {
    "postcode": ("addr:postcode", "contact:postcode"),
    "city": ("addr:city", "contact:city", "addr:town", "addr:village"),
    "state": ("addr:state", "addr:province"),
}
# Large to small; what a country divides its towns into differs.
_DISTRICTS = ("addr:county", "addr:district", "addr:subdistrict", "addr:suburb", "addr:quarter", "addr:neighbourhood")
_NUMBER = ("addr:housenumber", "contact:housenumber")
_FULL = ("addr:full", "contact:full")
_BETWEEN = " -"
# Han and kana, which stand without blanks between them, and numbers behind them.
_CLOSE = re.compile(r"(?<=[\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff]) (?=[\d\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff])")


def address(tags: Tags, country: str, country_name: str, city: str) -> str:
    """``city`` stands in where the tags name none."""
    street = _first(tags, _STREET)
    full = "" if street else _first(tags, _FULL)
    if full:
        said = full.casefold()
        rest = [name for name in (_first(tags, _PARTS["city"]) or city, country_name) if name.casefold() not in said]
        return ", ".join((full, *rest))
    groups = _customs().get(country) or _customs()[""]
    parts = {part for group in groups for part in group}
    given = {part: _first(tags, keys) for part, keys in _PARTS.items()}
    given |= {"street": street, "number": "", "district": "", "country": country_name}
    if street or "street" not in parts:
        given["number"] = "-".join(filter(None, (tags.get("addr:block_number", "").strip(), _first(tags, _NUMBER))))
    if "district" in parts:
        given["district"] = " ".join(tags[key].strip() for key in _DISTRICTS if key in tags)
    # Where large comes first, the larger parts name the town in the country's own script.
    if not (groups[0] == ("country",) and (given["state"] or given["district"])):
        given["city"] = given["city"] or city
    lines = (" ".join(filter(None, (given.get(part, part) for part in group))).strip(_BETWEEN) for group in groups)
    return _CLOSE.sub("", ", ".join(filter(None, lines)))


def _first(tags: Tags, keys: tuple[str, ...]) -> str:
    for key in keys:
        if key in tags and (value := tags[key].strip()):
            return value
    return ""


@lru_cache(maxsize=1)
def _customs() -> dict[str, Groups]:
    """Country -> groups of parts; that of all others under ""."""
    lines = (files("orbweave.maps") / "data" / "addresses.txt").read_text(encoding="utf-8").splitlines()
    customs: dict[str, Groups] = {}
    for line in lines:
        if not line.startswith("#"):
            custom, _, countries = line.partition(": ")
            groups = tuple(tuple(group.split()) for group in custom.split(", "))
            customs.setdefault("", groups)
            customs |= dict.fromkeys(countries.split(), groups)
    return customs
