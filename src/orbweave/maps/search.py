"""One spiderMaps request answered: what is asked, where, and which places that makes."""

from __future__ import annotations

import asyncio
import heapq
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from orbweave import locations
from orbweave.errors import InvalidInput
from orbweave.locations import Location, fold
from orbweave.maps import osm
from orbweave.maps.place import Place
from orbweave.maps.sources import Circle, Source, Sources, Wanted, is_local, packaged_sources
from orbweave.maps.understanding import Interpretation, Understanding, UnknownQuery, as_name, understand

MAX_QUERY = 500
MAX_PLACE_WORDS = 8
MAX_RESULTS = 100
MAX_RESULTS_OF_LOCATION = 500
MAX_RADIUS_M = 100_000

# What stands between a business and a place, in the languages people search in.
_BETWEEN = """
    in at near around um bei nahe im von a à en au aux dans près de proche di da nel nella vicino em no na perto do te
    op bij i på nära nær w we v ve z u kolo blizu lähellä в во на у около біля поблизу yakınında σε στο στη στην κοντά
"""
_PREPOSITIONS = frozenset(_BETWEEN.split())
_WITH_CASES = """
    w we v ve z u kolo blizu в во на у около біля поблизу
    be bg bs cs el et fi hr hu lt lv mk pl ru sk sl sr tr uk
"""
_CASES = frozenset(_WITH_CASES.split())
"""Prepositions and languages after and in which the name of a place changes its ending."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """``search_query`` may hold the place ("dentists in Vaduz") unless ``location_id`` or ``country`` says it.
    ``country`` alone asks for the whole country. With ``radius_m`` the places within so many metres of the location,
    whichever location they belong to."""

    search_query: str
    max_results: int = 20
    lang: str | None = None
    country: str | None = None
    location_id: int | None = None
    source: str | None = None
    validate_phones: bool = True
    radius_m: int | None = None

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> SearchRequest:
        """Contract 2.1's payload; unknown fields are ignored. A request for one location (``location_id``, as a
        campaign makes) may ask for up to 500 results, any other for 100. Raises InvalidInput naming the field."""
        query = payload.get("search_query", payload.get("query"))
        if not isinstance(query, str) or not query.strip():
            raise InvalidInput("Give search_query, such as 'dentists in Vaduz'.", field="search_query")
        if len(query) > MAX_QUERY:
            raise InvalidInput(f"search_query is longer than {MAX_QUERY} characters.", field="search_query")
        location_id = payload.get("location_id")
        if location_id is not None and (not isinstance(location_id, int) or isinstance(location_id, bool)):
            raise InvalidInput("location_id is a number from /locations.", field="location_id")
        country = _text(payload, "country")
        most = MAX_RESULTS if location_id is None else MAX_RESULTS_OF_LOCATION
        wanted = payload.get("max_results")
        wanted = 20 if wanted is None else wanted
        if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1 <= wanted <= most:
            raise InvalidInput(f"max_results is a whole number from 1 to {most}.", field="max_results")
        validate = payload.get("validate_phones", True)
        radius = payload.get("radius_m")
        if radius is not None and (
            not isinstance(radius, int) or isinstance(radius, bool) or not 1 <= radius <= MAX_RADIUS_M
        ):
            raise InvalidInput(f"radius_m is a whole number of metres from 1 to {MAX_RADIUS_M}.", field="radius_m")
        return cls(
            search_query=query.strip(),
            max_results=wanted,
            lang=_text(payload, "lang"),
            country=locations.country_code(country) if country else None,
            location_id=location_id,
            source=_text(payload, "source"),
            validate_phones=validate is not False,
            radius_m=radius,
        )


def _text(payload: Mapping[str, Any], name: str) -> str | None:
    value = payload.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"{name} is a text.", field=name)
    return value.strip() or None if value else None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """``places`` are the first ``max_results`` of ``total``, in a stable order: those with a website first.
    ``dropped``: field -> values of all that match that were no good."""

    request: SearchRequest
    understanding: Understanding
    country: str
    location: Location | None
    source: Source
    places: list[Place]
    total: int
    dropped: Counter[str]

    def data(self) -> dict[str, Any]:
        """The data of contract 2.1. ``metadata.expires_at``: when the first of the businesses has to be gone."""
        businesses = [place.business() for place in self.places]
        return {
            "query": self.request.search_query,
            "results_count": len(businesses),
            "businesses": businesses,
            "metadata": {
                "matched": self.understanding.matched(),
                "country": self.country,
                "location_id": self.location.location_id if self.location else None,
                "location": self.location.display_name if self.location else locations.countries()[self.country],
                "radius_m": self.request.radius_m,
                "total_matches": self.total,
                "dropped": dict(sorted(self.dropped.items())),
                "expires_at": min(
                    (business["expires_at"] for business in businesses if business["expires_at"]), default=None
                ),
                "source": self.source.name,
                "attribution": [self.source.attribution, locations.ATTRIBUTION],
            },
        }


@dataclass(frozen=True, slots=True)
class Where:
    country: str
    location: Location | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A request understood: which source is asked for what."""

    request: SearchRequest
    source: Source
    wanted: Wanted

    async def places(self) -> AsyncIterator[Place]:
        """What matches, as the source finds it."""
        async for place in self.source.places(self.wanted):
            yield place if self.request.validate_phones else osm.with_unchecked_phones(place)


async def plan(request: SearchRequest, sources: Sources | None = None) -> Plan:
    """Raises UnknownQuery, NoSource or InvalidInput (no such place)."""
    sources = sources or packaged_sources()
    # Names of the whole world are read when the sources' own countries have no such place: not on the event loop.
    have = await sources.countries(request.source)
    district = None
    if request.location_id is not None and request.location_id >= locations.FIRST_POSTCODE:
        district = await sources.district(request.location_id, request.source)
    what, where = await asyncio.to_thread(resolve, request, have, district)
    source = await sources.choose(request.source, where.country)
    circle = None
    if request.radius_m is not None:
        if where.location is None:
            raise InvalidInput("radius_m needs a place: say one, as in 'dentists in Vaduz'.", field="radius_m")
        circle = Circle(where.location.latitude, where.location.longitude, request.radius_m)
    understanding = await meaning(what, request.lang, source, where.country)
    return Plan(request, source, Wanted(where.country, understanding, where.location, circle))


async def meaning(query: str, lang: str | None, source: Source, country: str) -> Understanding:
    """What ``query`` (without a place) means where ``source`` knows ``country``. Text that names no kind of business is
    looked for as a name; UnknownQuery when nothing there is called so, as far as asking costs nothing."""
    try:
        return understand(query, lang)
    except UnknownQuery:
        named = as_name(query, lang)
        if not is_local(source):
            return named
        async for _ in source.places(Wanted(country, named)):
            return named
        raise


async def search(request: SearchRequest, sources: Sources | None = None) -> SearchResult:
    """The places of one location, of a circle or of a country. Raises as ``plan``."""
    asked = await plan(request, sources)
    wanted = asked.wanted
    order = _order(wanted.understanding.best)
    total = 0
    dropped: Counter[str] = Counter()
    best: list[Place] = []
    # Flat memory: of a whole country only the first ``max_results`` in order are held.
    async for place in asked.places():
        total += 1
        dropped.update(osm.dropped(place.tags, place.country))
        best.append(place)
        if len(best) >= 4 * request.max_results:
            best = heapq.nsmallest(request.max_results, best, key=order)
    best = heapq.nsmallest(request.max_results, best, key=order)
    return SearchResult(
        request, wanted.understanding, wanted.country, wanted.location, asked.source, best, total, dropped
    )


def _order(meaning: Interpretation) -> Callable[[Place], tuple[int, bool, bool, str, str]]:
    """Those known to be as it was preferred first, then those that can be reached."""

    def key(place: Place) -> tuple[int, bool, bool, str, str]:
        preferred = -meaning.preference(place.tags)
        return preferred, not place.website, not place.phone, place.name.casefold(), place.place_id

    return key


def resolve(request: SearchRequest, have: Collection[str], district: Location | None = None) -> tuple[str, Where]:
    """The request's query without its place, and the place. ``district``: the postcode that ``location_id`` is the id
    of. Raises InvalidInput when no place is said or known, or several are called so."""
    query = request.search_query
    if request.location_id is not None:
        location = district or _by_id(request.location_id, request.country, have)
        return _strip_place(query, location), Where(location.country_code, location)
    country = locations.country_code(request.country) if request.country else None
    for what, place in _splits(query):
        if where := _place(place, country, have):
            return what, where
    for what, place in _set_apart(query, request.lang):
        if where := _place(place, country, have) or _inflected(query, place, country, have, request.lang):
            return what, where
    if country:
        return query, Where(country, None)
    raise InvalidInput(
        f"{query[:80]!r} names no place that is known; say where, as in 'dentists in Vaduz', or give a country.",
        field="search_query",
    )


def _by_id(location_id: int, country: str | None, have: Collection[str]) -> Location:
    countries = [locations.country_code(country)] if country else sorted(have)
    for code in countries:
        for place in locations.load(code):
            if place.location_id == location_id:
                return place
    raise InvalidInput(
        f"There is no location {location_id} in {', '.join(countries)}; take a location_id from /locations.",
        field="location_id",
    )


def _strip_place(query: str, location: Location) -> str:
    """A campaign's query ends with its location ("restaurants Vaduz, Liechtenstein")."""
    for place in (location.search_string, location.display_name, location.name):
        before, found, _ = query.rpartition(place)
        if found and query.endswith(place) and before.strip(" ,") and before[-1] in " ,":
            return _without_preposition(before)
    return query


def _without_preposition(text: str) -> str:
    words = text.strip(" ,").split()
    return " ".join(words[:-1] if len(words) > 1 and words[-1].lower() in _PREPOSITIONS else words)


def _splits(query: str) -> list[tuple[str, str]]:
    """(what, place) at each gap between words; longer places first, so "x in San Marino" is not "x San" in Marino."""
    gaps = [match.span() for match in re.finditer(r"[\s,]+", query)][-MAX_PLACE_WORDS:]
    splits = ((_without_preposition(query[:start]), query[end:].strip(" ,")) for start, end in gaps)
    return [(what, place) for what, place in splits if what and place]


def _set_apart(query: str, lang: str | None) -> list[tuple[str, str]]:
    """(what, place) by the words of the query, where it holds a place: also one that comes first ("Vaduz dentist")."""
    try:
        place = understand(query, lang).place
    except UnknownQuery as unknown:
        place = unknown.place
    before, found, after = query.partition(place or "\n")
    what = f"{_without_preposition(before)} {after.strip(' ,')}".strip()
    return [(what, found)] if found and what else []


def _inflected(query: str, text: str, country: str | None, have: Collection[str], lang: str | None) -> Where | None:
    """The place that ``text`` is a case of, where the language or the preposition has cases."""
    before = query.partition(text)[0].split()
    if not _CASES & {lang, *(word.lower() for word in before[-1:])}:
        return None
    for codes in ([country],) if country else (sorted(have), [None]):
        if found := [place for code in codes for place in locations.find_inflected(code, text)]:
            return _chosen(found, text)
    return None


def _place(text: str, country: str | None, have: Collection[str]) -> Where | None:
    """The place called exactly ``text``, in any language: a country, else a location, first of the source's own
    countries. Raises InvalidInput with the choices when it is not clear which is meant."""
    folded = fold(text)
    if not folded or folded in _PREPOSITIONS:
        return None
    code = locations.country_called(text)
    if code and country in (None, code):
        return Where(code, None)
    for codes in ([country],) if country else (sorted(have), [None]):
        found = [place for code in codes for place in locations.find(code, text, exact=True)]
        if found:
            return _chosen(found, text)
    return None


def _chosen(found: list[Location], text: str) -> Where:
    found.sort(key=lambda place: (-place.population, place.location_id))
    best = locations.choose(found, text, field="search_query")
    return Where(best.country_code, best)


__all__ = ["Plan", "SearchRequest", "SearchResult", "UnknownQuery", "meaning", "plan", "resolve", "search"]
