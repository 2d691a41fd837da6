"""A city cut up by postcode, as far as addresses say: each of its places belongs to one of its postcodes. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
import shapely

from orbweave.locations import FIRST_POSTCODE, Location, postcode_pattern

NONE = 0

FEWEST = 3
"""Addresses that a postcode needs: one alone may be misspelt, or of the town beside."""

# Where a whole postcode is a street or a house, the part of it that is an area.
_AREAS = {
    country: re.compile(area)
    for country, area in {
        "AR": r"[A-Z]?\d{4}", "BR": r"\d{5}", "CA": r"[A-Z]\d[A-Z]", "GB": r"[A-Z]+\d[A-Z\d]?(?= |\d[A-Z]{2}$)",
        "IE": r"[A-Z]\d[\dW]", "JP": r"\d{3}", "NL": r"\d{4}", "PT": r"\d{4}", "US": r"\d{5}",
    }.items()
}  # fmt: skip

_ANY = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9 -]{2,9}")


def district_id(city: Location, postcode: str) -> int:
    """Stable: the same for the same city and postcode, whatever else there is. Fits in 53 bits."""
    digest = sha256(f"{city.country_code} {city.location_id} {postcode}".encode()).digest()
    return FIRST_POSTCODE + int.from_bytes(digest[:6], "big")


def well_formed(country: str, text: str | None) -> str | None:
    """A postcode as the country writes them, in capitals; None for anything else. Of those that are as fine as a street
    ("SW1A 1AA", "1012 AB", "90210-1234") the part that is an area ("SW1A", "1012", "90210")."""
    postcode = " ".join((text or "").split(";")[0].upper().split())
    postcode = re.sub(rf"^(?:[A-Z]{{1,3}}-|{country} ?)(?=\d)", "", postcode)
    pattern = postcode_pattern(country)
    if pattern and postcode.isdigit() and pattern.fullmatch(country + postcode):
        return country + postcode  # Andorra writes AD500; many leave out AD
    if not (pattern or _ANY).fullmatch(postcode):
        return None
    area = _AREAS[country].match(postcode) if country in _AREAS else None
    return area[0] if area else postcode


def cut(city: Location, latitudes: Any, longitudes: Any, postcodes: Sequence[str | None]) -> tuple[Any, list[Location]]:
    """Which postcode each of the city's places belongs to, and those postcodes, by name.

    ``postcodes`` are ``addr:postcode`` as given. A place without one that counts belongs to that of the nearest place
    with one. The ids are an int64 array; all are NONE, and there are no locations, without two postcodes.
    """
    latitudes, longitudes = np.asarray(latitudes, dtype=float), np.asarray(longitudes, dtype=float)
    given = [well_formed(city.country_code, postcode) for postcode in postcodes]
    counted = Counter(filter(None, given))
    names = sorted(name for name, count in counted.items() if count >= FEWEST)
    ids = np.full(len(given), NONE, dtype=np.int64)
    if len(names) < 2:
        return ids, []
    numbers = {name: number for number, name in enumerate(names)}
    of = np.array([numbers.get(name, -1) if name else -1 for name in given], dtype=np.int64)
    # Degrees as long one way as the other, and none beyond 180 in between.
    east = ((longitudes - city.longitude + 180) % 360 - 180) * np.cos(np.radians(city.latitude))
    addressed, rest = np.flatnonzero(of >= 0), np.flatnonzero(of < 0)
    if len(rest):
        tree = shapely.STRtree(shapely.points(east[addressed], latitudes[addressed]))
        asked, found = tree.query_nearest(shapely.points(east[rest], latitudes[rest]), all_matches=True)
        nearest = np.full(len(rest), len(addressed), dtype=np.int64)
        np.minimum.at(nearest, asked, found)  # of equally near ones the first
        of[rest] = of[addressed[nearest]]
    made = []
    for number, name in enumerate(names):
        members = np.flatnonzero(of == number)
        ids[members] = district_id(city, name)
        middle = east[members].mean() / np.cos(np.radians(city.latitude)) + city.longitude
        made.append(_district(city, name, float(latitudes[members].mean()), float((middle + 180) % 360 - 180)))
    return ids, made


def _district(city: Location, name: str, latitude: float, longitude: float) -> Location:
    return Location(
        district_id(city, name),
        city.country_code,
        city.country_name,
        name,
        city.admin_region,
        round(latitude, 6),
        round(longitude, 6),
        population=0,
        location_type="postcode",
        parent_city=city.name,
        parent_id=city.location_id,
    )
