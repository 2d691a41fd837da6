"""A business on the map, as every source yields it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Phone:
    """``raw`` as the source has it; the rest is None when it was not checked or is no number of any country."""

    raw: str
    e164: str | None = None
    national: str | None = None
    kind: str | None = None
    valid: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "raw": self.raw, "e164": self.e164, "national": self.national, "type": self.kind, "valid": self.valid,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """One record behind a place: the source's name, its own id, licence and date of the data."""

    source: str
    id: str
    license: str
    version: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"source": self.source, "id": self.id, "license": self.license, "version": self.version}


@dataclass(frozen=True, slots=True)
class Place:
    """``place_id`` is stable across searches and unique among all sources. ``location_id`` is the one gazetteer place
    it belongs to, ``district_id`` the one postcode or district of that place, where it has any. ``origins`` are all
    records that were found to be this business, the one behind ``place_id`` first; ``attribution`` is shown wherever
    the place is. ``phone`` is the first of ``phones``. ``working_hours``: weekday -> hours in words, of
    ``opening_hours``, which is in OpenStreetMap's syntax. ``expires_at``: when the source's terms want it deleted. What
    the source does not know is None or empty, never made up."""

    place_id: str
    name: str
    country: str
    location_id: int
    latitude: float
    longitude: float
    categories: tuple[str, ...] = ()
    address: str | None = None
    phone: Phone | None = None
    phones: tuple[Phone, ...] = ()
    website: str | None = None
    email: str | None = None
    social_media: dict[str, str] = field(default_factory=dict)
    working_hours: dict[str, str] | None = None
    opening_hours: str | None = None
    link: str | None = None
    brand: str | None = None
    brand_wikidata: str | None = None
    wheelchair: str | None = None
    cuisine: tuple[str, ...] = ()
    rating: float | None = None
    reviews_count: int | None = None
    price_range: str | None = None
    image_url: str | None = None
    business_status: str | None = "OPERATIONAL"
    source: str = ""
    source_license: str = ""
    source_version: str | None = None
    attribution: str = ""
    origins: tuple[Origin, ...] = ()
    expires_at: datetime | None = None
    district_id: int | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def business(self) -> dict[str, Any]:
        """The business of contract 2.1, every field present."""
        phone = self.phone or Phone("")
        return {
            "name": self.name,
            "place_id": self.place_id,
            "rating": self.rating,
            "reviews_count": self.reviews_count,
            "address": self.address,
            "phone": phone.raw or None,
            "phone_e164": phone.e164,
            "phone_national": phone.national,
            "phone_type": phone.kind,
            "phone_valid": phone.valid,
            "phones": [one.as_dict() for one in self.phones],
            "website": self.website,
            "categories": list(self.categories),
            "coordinates": {"latitude": self.latitude, "longitude": self.longitude},
            "link": self.link,
            "business_status": self.business_status,
            "price_range": self.price_range,
            "working_hours": self.working_hours and dict(self.working_hours),
            "opening_hours": self.opening_hours,
            "image_url": self.image_url,
            "email": self.email,
            "source": self.source,
            "source_license": self.source_license,
            "source_version": self.source_version,
            "attribution": self.attribution,
            "expires_at": self.expires_at and self.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "sources": [origin.as_dict() for origin in self.origins],
            "brand": self.brand,
            "brand_wikidata": self.brand_wikidata,
            "cuisine": list(self.cuisine),
            "wheelchair": self.wheelchair,
            "social_media": dict(self.social_media),
            "tags": dict(self.tags),
        }
