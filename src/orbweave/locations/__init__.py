"""The gazetteer: countries, regions and populated places; a filter becomes a list of locations.

Places and regions are GeoNames' (CC BY 4.0), outlines of countries Natural Earth's; packaged, see docs/data.md.
"""

from orbweave.locations.gazetteer import (
    ATTRIBUTION,
    FIRST_POSTCODE,
    Location,
    aliases,
    countries,
    country_called,
    country_code,
    load,
    load_all,
    postcode_pattern,
)
from orbweave.locations.names import fold
from orbweave.locations.outlines import country_at, outline
from orbweave.locations.search import choose, find, find_inflected, region_called

__all__ = [
    "ATTRIBUTION", "FIRST_POSTCODE", "Location", "aliases", "choose", "countries", "country_at", "country_called",
    "country_code", "find", "find_inflected", "fold", "load", "load_all", "outline", "postcode_pattern",
    "region_called",
]  # fmt: skip
