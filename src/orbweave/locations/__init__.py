"""The gazetteer: countries, regions and populated places; a filter becomes a list of locations.

Places and regions are GeoNames' (CC BY 4.0), outlines of countries Natural Earth's; packaged, see docs/data.md.
"""

from orbweave.locations.gazetteer import ATTRIBUTION, Location, countries, country_code, load, load_all
from orbweave.locations.names import fold
from orbweave.locations.outlines import country_at, outline
from orbweave.locations.search import find

__all__ = [
    "ATTRIBUTION", "Location", "countries", "country_at", "country_code", "find", "fold", "load", "load_all", "outline",
]  # fmt: skip
