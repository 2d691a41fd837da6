"""What a campaign is asked to do. The API, the CLI and the tests all build the same ``CampaignSpec``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

FilterMode = Literal["all", "cities_only", "population", "regions", "city", "custom", "bbox", "polygon"]


@dataclass(frozen=True, slots=True)
class LocationFilter:
    """Which locations of the country; ``given`` is the filter as the caller wrote it and is echoed back. ``polygon`` is
    GeoJSON. With ``include_postcodes`` a city that has postcodes is replaced by them."""

    mode: FilterMode = "all"
    min_population: int | None = None
    max_population: int | None = None
    admin_regions: tuple[str, ...] = ()
    parent_city: str | None = None
    location_ids: tuple[int, ...] = ()
    bbox: tuple[float, float, float, float] | None = None
    polygon: dict[str, Any] | None = None
    include_postcodes: bool = False
    given: dict[str, Any] = field(default_factory=lambda: {"mode": "all"})


@dataclass(frozen=True, slots=True)
class SiteStage:
    """``payload`` holds the spiderSite options (contract 2.2) every crawl of the campaign gets, without ``url``."""

    enabled: bool = False
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VerifyStage:
    """``payload`` holds the spiderVerify options (contract 2.3) every check of the campaign gets, without addresses."""

    enabled: bool = False
    max_emails_per_business: int = 10
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workflow:
    site: SiteStage = SiteStage()
    verify: VerifyStage = VerifyStage()
    filter_social_media: bool = True
    filter_review_sites: bool = True
    filter_directories: bool = True
    filter_maps: bool = True
    given: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CampaignSpec:
    """``query`` is bare ("restaurants"); ``country_code`` upper-case ISO alpha-2. ``workflow`` None: maps only."""

    query: str
    country_code: str
    filter: LocationFilter = LocationFilter()
    max_results: int = 100
    name: str | None = None
    test: bool = False
    workflow: Workflow | None = None
    dispatch: Literal["manual", "auto"] = "manual"
    max_inflight: int = 50
    source: str | None = None
    webhook_url: str | None = None
    lang: str | None = None
