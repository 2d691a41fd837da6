"""Query + location -> places, from open map data. A library: no database, no campaign.

``understand`` turns words of any language into tag conditions, a ``Source`` yields the places that meet them,
``search`` does both for one request. The packaged data and how it is built: docs/data.md.
"""

from orbweave.maps.domains import FilterResult, site_filter
from orbweave.maps.feature import Dataset, Feature
from orbweave.maps.place import Origin, Phone, Place
from orbweave.maps.search import Plan, SearchRequest, SearchResult, meaning, plan, search
from orbweave.maps.sources import Circle, NoSource, Source, SourceBusy, Sources, Wanted, is_local, packaged_sources
from orbweave.maps.understanding import Interpretation, Understanding, UnknownQuery, understand

__all__ = [
    "Circle",
    "Dataset",
    "Feature",
    "FilterResult",
    "Interpretation",
    "NoSource",
    "Origin",
    "Phone",
    "Place",
    "Plan",
    "SearchRequest",
    "SearchResult",
    "Source",
    "SourceBusy",
    "Sources",
    "Understanding",
    "UnknownQuery",
    "Wanted",
    "is_local",
    "meaning",
    "packaged_sources",
    "plan",
    "search",
    "site_filter",
    "understand",
]
