"""/locations: the gazetteer campaigns choose from."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from orbweave.api import wire
from orbweave.api.auth import Caller, Db
from orbweave.api.errors import answers
from orbweave.api.models import CountryCode, Population
from orbweave.api.routing import FORMATS, ClientRoute, Format, PageNumber
from orbweave.store import locations as store

router = APIRouter(prefix="/locations", tags=["locations"], route_class=ClientRoute, responses=answers())

Name = Annotated[str | None, Query(min_length=1, max_length=200)]


@router.get("", responses=FORMATS)
async def search(
    db: Db,
    client: Caller,
    country_code: CountryCode | None = None,
    location_type: Literal["city", "postcode"] | None = None,
    parent_city: Name = None,
    admin_region: Name = None,
    min_population: Population | None = None,
    max_population: Population | None = None,
    search: Name = None,
    page: PageNumber = 1,
    page_size: Annotated[int, Query(ge=1, le=500)] = 50,
    format: Format = "json",
) -> wire.LocationList:
    """The most populous first."""
    total, found = await store.search_locations(
        db,
        country_code=country_code,
        location_type=location_type,
        parent_city=parent_city,
        admin_region=admin_region,
        min_population=min_population,
        max_population=max_population,
        search=search,
        page=page,
        page_size=page_size,
    )
    return wire.location_list(total, found, page, page_size)


@router.get("/stats", responses=FORMATS)
async def stats(
    db: Db, client: Caller, country_code: CountryCode | None = None, format: Format = "json"
) -> store.Stats:
    return await store.stats(db, country_code)


@router.get("/countries", responses=FORMATS)
async def countries(db: Db, client: Caller, format: Format = "json") -> wire.CountryList:
    found = await store.country_list(db)
    return wire.CountryList(total=len(found), countries=found)


@router.get("/regions", responses=FORMATS)
async def regions(db: Db, client: Caller, country_code: CountryCode, format: Format = "json") -> wire.RegionList:
    """The names that the filter mode ``regions`` takes."""
    found = await store.regions(db, country_code)
    return wire.RegionList(country_code=country_code, total=len(found), regions=found)
