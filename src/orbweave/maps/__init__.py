"""Query + location -> places, from open map data. A library: no database, no campaign.

``understand`` turns words of any language into tag conditions, a ``Source`` yields the places that meet them,
``search`` does both for one request. The packaged data and how it is built: docs/data.md.
"""

from orbweave.maps.domains import FilterResult, site_filter
from orbweave.maps.place import Phone, Place
from orbweave.maps.search import SearchRequest, SearchResult, search
from orbweave.maps.sources import NoSource, Source, source
from orbweave.maps.understanding import Interpretation, Understanding, UnknownQuery, understand

__all__ = [
    "FilterResult",
    "Interpretation",
    "NoSource",
    "Phone",
    "Place",
    "SearchRequest",
    "SearchResult",
    "Source",
    "Understanding",
    "UnknownQuery",
    "search",
    "site_filter",
    "source",
    "understand",
]
