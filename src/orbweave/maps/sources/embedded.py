"""The packaged OpenStreetMap extracts: small countries that are always there."""

from __future__ import annotations

from collections.abc import AsyncIterator

from orbweave import locations
from orbweave.maps import osm, packaged
from orbweave.maps.place import Origin, Place
from orbweave.maps.sources import NoSource, Wanted


class EmbeddedSource:
    name = "embedded"
    attribution = osm.ATTRIBUTION
    is_local = True

    async def countries(self) -> frozenset[str]:
        return packaged.countries()

    async def places(self, wanted: Wanted) -> AsyncIterator[Place]:
        code = locations.country_code(wanted.country)
        if code not in packaged.countries():
            raise NoSource(self.name, code, packaged.countries())
        cities = {place.location_id: place for place in locations.load(code)}
        extract = packaged.extract(code)
        of = extract.dataset
        for record in extract.records:
            if wanted.understanding.matches(record.tags):
                place = osm.place(
                    record.feature,
                    cities[record.location_id],
                    of,
                    lang=wanted.understanding.lang,
                    origins=tuple(Origin(of.source, id, of.license, of.version) for id in record.also),
                )
                if wanted.covers(place):
                    yield place
