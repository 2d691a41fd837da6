"""The packaged OpenStreetMap extracts: small countries that are always there."""

from __future__ import annotations

from collections.abc import AsyncIterator

from orbweave import locations
from orbweave.maps import osm, packaged
from orbweave.maps.place import Place
from orbweave.maps.sources import NoSource
from orbweave.maps.understanding import Understanding


class EmbeddedSource:
    name = "embedded"
    attribution = osm.ATTRIBUTION

    def countries(self) -> frozenset[str]:
        return packaged.countries()

    async def places(
        self, country: str, understanding: Understanding, *, location_id: int | None = None
    ) -> AsyncIterator[Place]:
        code = locations.country_code(country)
        if code not in packaged.countries():
            raise NoSource(self, code)
        cities = {place.location_id: place for place in locations.load(code)}
        for record in packaged.extract(code).records:
            if location_id in (None, record.location_id) and understanding.matches(record.tags):
                yield osm.place(
                    record.tags,
                    place_id=f"osm:{record.id}",
                    latitude=record.latitude,
                    longitude=record.longitude,
                    location=cities[record.location_id],
                    lang=understanding.lang,
                )
