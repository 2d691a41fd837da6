"""Countries and their populated places, read from the packaged archive one country at a time.

The archive is written by ``python -m orbweave.locations.build places``. Its member ``countries`` has a line a country:
code, name, pattern of its postcodes, other names. Each country has two members, with its places by ascending id:

- ``XX``: lines of values separated by tabs: the regions (the first is none), the middle of each in 1/10,000 degree,
  latitude and longitude; then a value a place: names, and other names. Other names are folded and separated by ``|``.
- ``XX.numbers``: planes of bytes, a byte a place, high to low: difference to the id before (4), number of the region
  (2), zigzag distance to its middle in latitude and longitude (3 each), population (4).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate, islice
from typing import NamedTuple

from orbweave.errors import InvalidInput
from orbweave.locations.names import fold

ATTRIBUTION = "GeoNames (geonames.org), CC BY 4.0"
ARCHIVE = files("orbweave.locations") / "data" / "gazetteer.zip"
DEGREE = 10_000
FIRST_POSTCODE = 10_000_000_000
"""Ids of postcodes begin here, far above GeoNames' ids."""
PLANES = (4, 2, 3, 3, 4)


@dataclass(frozen=True, slots=True)
class Location:
    """A populated place, or a postcode of one. ``location_id`` of a place is its GeoNames id; ``population`` is 0 where
    GeoNames does not know it. A postcode has the name and the id of its city; its city ``needs_postcodes``."""

    location_id: int
    country_code: str
    country_name: str
    name: str
    admin_region: str | None
    latitude: float
    longitude: float
    population: int
    location_type: str = "city"
    parent_city: str | None = None
    needs_postcodes: bool = False
    parent_id: int | None = None

    @property
    def search_string(self) -> str:
        city = f" {self.parent_city}" if self.parent_city else ""
        return f"{self.name}{city}, {self.country_name}"

    @property
    def display_name(self) -> str:
        """With its region, which tells places of one name apart."""
        city = f" {self.parent_city}" if self.parent_city else ""
        region = f"{self.admin_region}, " if self.admin_region and self.admin_region != self.name else ""
        return f"{self.name}{city}, {region}{self.country_name}"

    @property
    def typed_name(self) -> str:
        """As ``find`` takes it, apart from its namesakes: "Springfield, Illinois, US"."""
        return ", ".join(filter(None, (self.name, self.admin_region, self.country_code)))


class Country(NamedTuple):
    """``postcode`` is a regular expression, empty where there are none or GeoNames has none. ``aliases``: other names,
    folded."""

    code: str
    name: str
    postcode: str
    aliases: frozenset[str]


class Names(NamedTuple):
    """Of one country's places, by ascending id; ``regions`` of the country. Other names are folded."""

    regions: list[Region]
    middles: list[tuple[int, int]]
    names: list[str]
    aliases: list[list[str]]


class Region(NamedTuple):
    """``aliases``: its other names and its code, folded."""

    name: str
    aliases: frozenset[str]

    def is_called(self, folded: str) -> bool:
        return folded in self.aliases or folded == fold(self.name)


@lru_cache(maxsize=1)
def details() -> dict[str, Country]:
    """Code -> country."""
    found = {}
    for line in _read("countries").decode().split("\n"):
        code, name, postcode, aliases = line.split("\t")
        found[code] = Country(code, name, postcode, frozenset(filter(None, aliases.split("|"))))
    return found


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """ISO 3166 alpha-2 code -> English name, by name. Shared: do not change it."""
    return {country.code: country.name for country in sorted(details().values(), key=lambda country: country.name)}


def country_code(text: str) -> str:
    """``text`` as an upper-case country code. Raises InvalidInput when there is no such country."""
    code = text.strip().upper()
    if code not in countries():
        raise InvalidInput(
            f"There is no country {text.strip()!r}; give an ISO 3166 two-letter code such as LI, AT or US.",
            field="country_code",
        )
    return code


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    other = {alias: country.code for country in details().values() for alias in country.aliases}
    return other | {fold(country.name): country.code for country in details().values()}


@lru_cache(maxsize=512)
def postcode_pattern(country: str) -> re.Pattern[str] | None:
    """What postcodes of the country look like, in capitals; None where GeoNames has no pattern."""
    pattern = details()[country_code(country)].postcode
    return re.compile(pattern) if pattern else None


def country_called(text: str) -> str | None:
    """The code of the country with this name in any language ("Österreich", "日本")."""
    return _codes().get(fold(text))


def load(country: str) -> list[Location]:
    """The places of the country with this code (any case), largest first, then by id. Raises InvalidInput."""
    code = country_code(country)
    places = numbered(code, range(len(read_names(code).names)))
    return sorted(places, key=lambda place: (-place.population, place.location_id))


def numbered(code: str, numbers: Iterable[int]) -> list[Location]:
    """The places of a country with these numbers: as the archive has them, by ascending id, from 0."""
    name = countries()[code]
    of = read_names(code)
    columns = _columns(code)
    places = []
    for number in numbers:
        location_id, region, latitude, longitude, population = (column[number] for column in columns)
        middle = of.middles[region]
        places.append(
            Location(
                location_id,
                code,
                name,
                of.names[number],
                of.regions[region].name or None,
                (_signed(latitude) + middle[0]) / DEGREE,
                (_signed(longitude) + middle[1]) / DEGREE,
                population,
            )
        )
    return places


def load_all() -> Iterator[Location]:
    """Every place of every country, by country code."""
    for code in sorted(countries()):
        yield from load(code)


def aliases(country: str) -> dict[int, list[str]]:
    """Location id -> its other names, folded, of those that have any."""
    code = country_code(country)
    of = zip(_columns(code)[0], read_names(code).aliases, strict=True)
    return {location_id: other for location_id, other in of if other}


def read_names(code: str) -> Names:
    """Empty for countries without a populated place, such as Antarctica."""
    content = _read(code)
    if not content:
        return Names([], [], [], [])
    regions, latitudes, longitudes, names, other = (line.split("\t") for line in content.decode().split("\n"))
    return Names(
        [Region(name, frozenset(also)) for name, *also in (region.split("|") for region in regions)],
        list(zip(map(int, latitudes), map(int, longitudes), strict=True)),
        names,
        [names.split("|") if names else [] for names in other],
    )


def _columns(code: str) -> list[list[int]]:
    """Per place its id, number of its region, zigzag latitude and longitude from the middle of that, population."""
    content = _read(f"{code}.numbers")
    size = len(content) // sum(PLANES)
    planes = iter([content[start : start + size] for start in range(0, len(content), size)] if size else [])
    steps, *columns = (
        [int.from_bytes(value, "big") for value in zip(*islice(planes, width), strict=True)] for width in PLANES
    )
    return [list(accumulate(steps)), *columns]


def _signed(zigzag: int) -> int:
    return (zigzag >> 1) ^ -(zigzag & 1)


@lru_cache(maxsize=64)
def _read(member: str) -> bytes:
    with ARCHIVE.open("rb") as file, zipfile.ZipFile(file) as archive:
        try:
            return archive.read(member)
        except KeyError:
            return b""
