"""Countries and their populated places, read from the packaged archive one country at a time.

The archive holds one member a country, written by ``python -m orbweave.locations.build places``. A member has a line a
column, values separated by tabs: region names, then per place (ascending id) the difference to the id before, name, number
of its region (0 none, 1 the first), latitude and longitude in 1/10,000 degree, population.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from typing import NamedTuple

from orbweave.errors import InvalidInput

ATTRIBUTION = "GeoNames (geonames.org), CC BY 4.0"
ARCHIVE = files("orbweave.locations") / "data" / "gazetteer.zip"
DEGREE = 10_000


@dataclass(frozen=True, slots=True)
class Location:
    """A populated place. ``location_id`` is its GeoNames id; ``population`` is 0 where GeoNames does not know it."""

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

    @property
    def search_string(self) -> str:
        return f"{self.name}, {self.country_name}"

    @property
    def display_name(self) -> str:
        """With its region, which tells places of one name apart."""
        region = f"{self.admin_region}, " if self.admin_region and self.admin_region != self.name else ""
        return f"{self.name}, {region}{self.country_name}"


class Columns(NamedTuple):
    """One country's places as stored: parallel lists, ascending id."""

    ids: list[int]
    names: list[str]
    regions: list[str | None]
    latitudes: list[float]
    longitudes: list[float]
    populations: list[int]


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """ISO 3166 alpha-2 code -> English name, by name. Shared: do not change it."""
    lines = [(code, name) for code, name in _read("countries")]
    return dict(sorted(lines, key=lambda line: line[1]))


def country_code(text: str) -> str:
    """``text`` as an upper-case country code. Raises InvalidInput when there is no such country."""
    code = text.strip().upper()
    if code not in countries():
        raise InvalidInput(
            f"There is no country {text.strip()!r}; give an ISO 3166 two-letter code such as LI, AT or US.",
            field="country_code",
        )
    return code


def load(country: str) -> list[Location]:
    """The places of the country with this code (any case), largest first, then by id. Raises InvalidInput."""
    code = country_code(country)
    name = countries()[code]
    columns = read_columns(code)
    places = [Location(id_, code, name, *rest) for id_, *rest in zip(*columns, strict=True)]
    return sorted(places, key=lambda place: (-place.population, place.location_id))


def load_all() -> Iterator[Location]:
    """Every place of every country, by country code."""
    for code in sorted(countries()):
        yield from load(code)


def read_columns(code: str) -> Columns:
    """The stored columns of a country; empty for those without a populated place, such as Antarctica."""
    lines = _read(code)
    if not lines:
        return Columns([], [], [], [], [], [])
    region_names: list[str | None] = [None, *lines[0]]
    return Columns(
        list(accumulate(map(int, lines[1]))),
        lines[2],
        [region_names[int(number)] for number in lines[3]],
        [int(value) / DEGREE for value in lines[4]],
        [int(value) / DEGREE for value in lines[5]],
        list(map(int, lines[6])),
    )


def _read(member: str) -> list[list[str]]:
    with ARCHIVE.open("rb") as file, zipfile.ZipFile(file) as archive:
        try:
            text = archive.read(member).decode()
        except KeyError:
            return []
    return [line.split("\t") for line in text.split("\n")]
