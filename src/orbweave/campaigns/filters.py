"""A location filter as a condition on the gazetteer, and what to say when nothing fits. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from orbweave import locations
from orbweave.campaigns.spec import LocationFilter
from orbweave.errors import InvalidInput
from orbweave.store.locations import Condition

if TYPE_CHECKING:
    import shapely

MAX_POINTS = 10_000
"""Positions that a polygon may have."""


def condition(chosen: LocationFilter, country: str) -> Condition:
    """Raises InvalidInput naming the field the mode needs."""
    postcodes = chosen.include_postcodes and chosen.mode != "cities_only"
    match chosen.mode:
        case "all" | "cities_only":
            return Condition(include_postcodes=postcodes)
        case "population":
            if chosen.min_population is None:
                raise InvalidInput("filter.mode population needs min_population.", field="filter.min_population")
            return Condition(
                min_population=chosen.min_population, max_population=chosen.max_population, include_postcodes=postcodes
            )
        case "regions":
            if not chosen.admin_regions:
                raise InvalidInput(
                    "filter.mode regions needs admin_regions; /locations/regions lists them.",
                    field="filter.admin_regions",
                )
            names = [locations.region_called(country, region) or region for region in chosen.admin_regions]
            return Condition(regions=names, include_postcodes=postcodes)
        case "city":
            if not chosen.parent_city:
                raise InvalidInput("filter.mode city needs parent_city.", field="filter.parent_city")
            return Condition(parent_id=city(chosen.parent_city, country).location_id)
        case "custom":
            if not chosen.location_ids:
                raise InvalidInput(
                    "filter.mode custom needs location_ids; /locations lists them.", field="filter.location_ids"
                )
            return Condition(location_ids=chosen.location_ids)
        case "bbox":
            if chosen.bbox is None:
                raise InvalidInput("filter.mode bbox needs bbox: [west, south, east, north].", field="filter.bbox")
            west, south, east, north = chosen.bbox
            if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
                raise InvalidInput(
                    "filter.bbox is [west, south, east, north] in degrees, south <= north; west > east crosses the"
                    " 180th meridian.",
                    field="filter.bbox",
                )
            return Condition(bbox=chosen.bbox, include_postcodes=postcodes)
        case "polygon":
            return Condition(area=area(chosen.polygon), include_postcodes=postcodes)


def city(name: str, country: str) -> locations.Location:
    """Raises InvalidInput when the country has no such city, or several."""
    found = locations.find(country, name, exact=True)
    if not found:
        raise InvalidInput(
            f"There is no city {name.strip()!r} in {locations.countries()[locations.country_code(country)]};"
            " /locations?search= finds cities by the beginning of a name.",
            field="filter.parent_city",
        )
    return locations.choose(found, name, field="filter.parent_city")


def area(geojson: Any) -> shapely.Geometry:
    """What the polygons of a GeoJSON object cover together, less their holes. Raises InvalidInput."""
    import shapely

    polygons = []
    points = 0
    for rings in _polygons(geojson):
        checked = [_ring(ring) for ring in rings]
        points += sum(map(len, checked))
        if points > MAX_POINTS:
            raise _bad(f"has more than {MAX_POINTS:,} positions; simplify it")
        if not checked:
            raise _bad("has a Polygon without a ring")
        polygons.append(shapely.make_valid(shapely.Polygon(checked[0], checked[1:])))
    if not polygons:
        raise _bad("has no Polygon in it")
    return shapely.union_all(polygons)


def _polygons(geojson: Any) -> Iterator[list[Any]]:
    """The coordinates of each polygon: lists of rings."""
    match geojson:
        case {"type": "FeatureCollection", "features": [*features]}:
            for feature in features:
                yield from _polygons(feature)
        case {"type": "Feature", "geometry": dict(geometry)}:
            yield from _polygons(geometry)
        case {"type": "Polygon", "coordinates": [*rings]}:
            yield rings
        case {"type": "MultiPolygon", "coordinates": [*polygons]} if all(isinstance(one, list) for one in polygons):
            yield from polygons
        case {"type": str(kind)}:
            raise _bad(f"is a GeoJSON Polygon, MultiPolygon, Feature or FeatureCollection of these, not {kind[:40]!r}")
        case _:
            raise _bad('is a GeoJSON object such as {"type": "Polygon", "coordinates": [[[9.5, 47.1], …]]}')


def _ring(ring: Any) -> list[tuple[float, float]]:
    if not isinstance(ring, list) or len(ring) < 4:
        raise _bad("has a ring of fewer than four positions")
    points = [_position(position) for position in ring]
    if points[0] != points[-1]:
        raise _bad("has a ring that is not closed: its last position is its first again")
    return points


def _position(position: Any) -> tuple[float, float]:
    match position:
        case [int() | float() as longitude, int() | float() as latitude, *_] if not isinstance(
            longitude, bool
        ) and not isinstance(latitude, bool):
            if not (math.isfinite(longitude) and math.isfinite(latitude)):
                raise _bad("has a position that is no number")
            if abs(longitude) > 180 or abs(latitude) > 90:
                raise _bad(
                    f"has the position [{longitude}, {latitude}] outside of the degrees of the earth; longitude comes"
                    " first, and an area across the 180th meridian is a MultiPolygon"
                )
            return float(longitude), float(latitude)
        case _:
            raise _bad("has a position that is not [longitude, latitude]")


def _bad(what: str) -> InvalidInput:
    return InvalidInput(f"filter.polygon {what}.", field="filter.polygon")
