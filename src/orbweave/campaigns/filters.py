"""A location filter as a condition on the gazetteer, and what to say when nothing fits. Pure."""

from __future__ import annotations

from orbweave.campaigns.spec import LocationFilter
from orbweave.errors import InvalidInput
from orbweave.store.locations import Condition


def condition(chosen: LocationFilter) -> Condition:
    """Raises InvalidInput naming the field the mode needs."""
    match chosen.mode:
        case "all" | "cities_only":
            return Condition()
        case "population":
            if chosen.min_population is None:
                raise InvalidInput("filter.mode population needs min_population.", field="filter.min_population")
            return Condition(min_population=chosen.min_population, max_population=chosen.max_population)
        case "regions":
            if not chosen.admin_regions:
                raise InvalidInput(
                    "filter.mode regions needs admin_regions; /locations/regions lists them.",
                    field="filter.admin_regions",
                )
            return Condition(regions=chosen.admin_regions)
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
            if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
                raise InvalidInput(
                    "filter.bbox is [west, south, east, north] in degrees, west <= east and south <= north.",
                    field="filter.bbox",
                )
            return Condition(bbox=chosen.bbox)
        case "city" | "polygon":
            raise InvalidInput(
                f"filter.mode {chosen.mode} is not available yet; use regions, custom or bbox.", field="filter.mode"
            )
