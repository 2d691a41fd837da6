"""OpenStreetMap asked live through an Overpass server that the user names: for countries without an import.

One query a country and kind of business, whose answer is kept for a week. There is no default server: the public ones
forbid being the back end of an application (https://dev.overpass-api.de/overpass-doc/en/preface/commons.html).
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import logging
import re
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from orbweave import locations
from orbweave.errors import InvalidInput, Unavailable
from orbweave.maps import osm
from orbweave.maps.cut import OUTSIDE, Borders, Cut
from orbweave.maps.feature import Dataset, Feature
from orbweave.maps.merge import merged
from orbweave.maps.place import Origin, Place
from orbweave.maps.sources import NoSource, SourceBusy, Wanted
from orbweave.maps.understanding import Interpretation
from orbweave.net import Gate, LocalGate, NetError, Network, read_at_most
from orbweave.storable import storable

log = logging.getLogger(__name__)

QUERY_SECONDS = 180
MAX_BYTES = 256 << 20
MAX_BUSY_SECONDS = 600.0
KEPT_DAYS = 7.0
_SLOT = re.compile(r"in (\d+) seconds")
_PAUSE = 1.0  # seconds between two queries


@dataclass(frozen=True, slots=True)
class Found:
    """A feature of an answer, its location, and the ids of the other objects that are the same business."""

    feature: Feature
    location_id: int
    also: tuple[str, ...]


class OverpassSource:
    """``url``: the interpreter of an Overpass server. ``folder``: where answers are kept for ``kept_days``."""

    name = "overpass"
    attribution = osm.ATTRIBUTION
    is_local = False

    def __init__(
        self, network: Network, url: str, folder: Path, *, kept_days: float = KEPT_DAYS, gate: Gate | None = None
    ) -> None:
        self._network = network
        self._url = url
        self._folder = folder
        self._kept_seconds = kept_days * 86_400
        self._gate = gate or LocalGate()
        self._asking: dict[str, asyncio.Lock] = {}

    @property
    def _server(self) -> str:
        """The server as it may be shown: what else the address holds may be a key."""
        return urlsplit(self._url).hostname or "the Overpass server"

    async def countries(self) -> frozenset[str]:
        return frozenset(locations.countries())

    async def places(self, wanted: Wanted) -> AsyncIterator[Place]:
        code = wanted.country
        if code not in locations.countries():
            raise NoSource(self.name, code, locations.countries())
        query = write_query(code, wanted.understanding.best)
        version, found = await self._answer(code, query)
        dataset = Dataset("openstreetmap", osm.LICENSE, osm.ATTRIBUTION, version)
        cities = {city.location_id: city for city in locations.load(code)}
        for one in found:
            if wanted.understanding.matches(one.feature.tags):
                place = osm.place(
                    one.feature,
                    cities[one.location_id],
                    dataset,
                    lang=wanted.understanding.lang,
                    origins=tuple(Origin(dataset.source, id, dataset.license, version) for id in one.also),
                )
                if wanted.covers(place):
                    yield place

    async def _answer(self, country: str, query: str) -> tuple[str | None, list[Found]]:
        path = self._folder / f"{country}-{hashlib.sha256(query.encode()).hexdigest()[:16]}.json.gz"
        lock = self._asking.setdefault(path.name, asyncio.Lock())
        async with lock:
            if (kept := await asyncio.to_thread(self._kept, path, country)) is not None:
                return kept
            async with self._gate.turn(f"overpass {self._server}", _PAUSE, 1):
                # Another worker may have asked meanwhile.
                if (kept := await asyncio.to_thread(self._kept, path, country)) is not None:
                    return kept
                answer = await self._ask(query)
            return await asyncio.to_thread(self._keep, path, country, answer)

    def _kept(self, path: Path, country: str) -> tuple[str | None, list[Found]] | None:
        """None also for what was kept with an older gazetteer, whose locations are others."""
        cities = {city.location_id for city in locations.load(country)}
        with suppress(OSError, EOFError, ValueError, KeyError, TypeError):
            if time.time() - path.stat().st_mtime < self._kept_seconds:
                held = orjson.loads(gzip.decompress(path.read_bytes()))
                found = [
                    Found(Feature(id, latitude, longitude, tags), location_id, tuple(also))
                    for id, latitude, longitude, tags, location_id, also in held["found"]
                ]
                return (held["version"], found) if all(one.location_id in cities for one in found) else None
        return None

    def _keep(self, path: Path, country: str, answer: Mapping[str, Any]) -> tuple[str | None, list[Found]]:
        """Those too old are removed. An answer that cannot be kept is one all the same."""
        version = _version(answer)
        found = _businesses(country, answer["elements"])
        rows = [
            (one.feature.id, one.feature.latitude, one.feature.longitude, one.feature.tags, one.location_id, one.also)
            for one in found
        ]
        part = path.with_suffix(f".{time.monotonic_ns()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            for file in path.parent.iterdir():
                if time.time() - file.stat().st_mtime >= self._kept_seconds:
                    file.unlink(missing_ok=True)
            part.write_bytes(gzip.compress(orjson.dumps({"version": version, "found": rows}), 3))
            part.replace(path)
        except OSError as error:
            log.warning("answers of Overpass cannot be kept in %s: %s", path.parent, error.strerror)
            with suppress(OSError):
                part.unlink(missing_ok=True)
        return version, found

    async def _ask(self, query: str) -> dict[str, Any]:
        """The server's answer. Raises SourceBusy when it wants to be asked later, Unavailable when it gives none."""
        timeout = aiohttp.ClientTimeout(total=QUERY_SECONDS + 60, sock_connect=30)
        try:
            async with self._network.http_session(timeout=timeout) as http:
                await self._wait_for_slot(http)
                async with http.post(self._url, data={"data": query}, allow_redirects=False) as answer:
                    body = await self._body(answer)
        except (aiohttp.ClientError, NetError, TimeoutError) as error:
            raise Unavailable(f"{self._server} gives no answer ({type(error).__name__}); ask again later.") from None
        return self._checked(body)

    async def _wait_for_slot(self, http: aiohttp.ClientSession) -> None:
        """Servers say how many queries an address may still run; those that don't are simply asked."""
        async with http.get(self._url.rpartition("/")[0] + "/status", allow_redirects=False) as answer:
            text = (await answer.content.read(10_000)).decode("utf-8", "replace") if answer.status == 200 else ""
        waits = [int(seconds) for seconds in _SLOT.findall(text)]
        if "slots available now" not in text and waits:
            raise SourceBusy(f"{self._server} has no slot for us now", min(waits) + 1)

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        if answer.status in (429, 503, 504):
            wait = answer.headers.get("Retry-After", "")
            seconds = float(wait) if wait.isdecimal() else 60.0
            raise SourceBusy(f"{self._server} is busy (HTTP {answer.status})", min(seconds, MAX_BUSY_SECONDS))
        if answer.status != 200:
            raise Unavailable(
                f"{self._server} refuses the query (HTTP {answer.status}); is ORBWEAVE_OVERPASS_URL the address of an"
                " Overpass interpreter, such as http://host/api/interpreter?"
            )
        body = await read_at_most(answer, MAX_BYTES)
        if body is None:
            raise Unavailable(
                f"The answer of {self._server} is larger than {MAX_BYTES >> 20} MB: import the country instead,"
                " with `orbweave places add`."
            )
        return body

    def _checked(self, body: bytes) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = orjson.loads(body)
            elements = answer["elements"]
        except (ValueError, KeyError, TypeError):
            raise Unavailable(
                f"The answer of {self._server} is no Overpass JSON, or cut off; ask again later."
            ) from None
        remark = str(answer.get("remark", ""))
        if "error" in remark:  # says so with HTTP 200
            if "timed out" in remark or "out of memory" in remark:
                raise SourceBusy(f"{self._server} could not finish the query", 60.0)
            raise Unavailable(f"{self._server} could not answer: {remark[:200]}")
        if not isinstance(elements, list):
            raise Unavailable(f"The answer of {self._server} has no list of elements.")
        return answer


def write_query(country: str, meaning: Interpretation) -> str:
    """One query for all there is in the country. A name is looked for by its words as they were typed; the answer is
    filtered afterwards in any case."""
    conditions = [
        "".join(f"[{_quoted(key)}{_value(value)}]" for key, value in tags.items()) for tags in _keyed(meaning) if tags
    ]
    conditions += [f'["brand:wikidata"={_quoted(brand)}]' for brand in meaning.brands]
    if not conditions and meaning.name:
        words = ".*".join(re.escape(word) for word in meaning.label.split())
        conditions = [f'["name"~{_quoted(words)},i]']
    if not conditions:
        raise InvalidInput("Say what to look for: an Overpass server cannot be asked for everything.", field="query")
    found = "".join(f"nwr{condition}(area.a);" for condition in conditions)
    return (
        f"[out:json][timeout:{QUERY_SECONDS}];"
        f'area["ISO3166-1"={_quoted(country)}][boundary=administrative]->.a;({found});out center tags;'
    )


def _keyed(meaning: Interpretation) -> Iterator[Mapping[str, str]]:
    """The keys that tell the kind; what narrows it is often not mapped, or as one value of several."""
    for tags in meaning.tags:
        kind = {key: value for key, value in tags.items() if key in (*osm.FEATURE_KEYS, *osm.BRAND_KEYS)}
        yield kind or tags


def _value(value: str) -> str:
    if value == "*":
        return ""
    return f"~{_quoted(f'(^|;) ?{re.escape(value)} ?(;|$)')}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def _version(answer: Mapping[str, Any]) -> str | None:
    about = answer.get("osm3s")
    version = about.get("timestamp_osm_base") if isinstance(about, dict) else None
    return version if isinstance(version, str) else None


def _businesses(country: str, elements: Iterable[Any]) -> list[Found]:
    features = (feature for element in elements if (feature := _feature(element)) and osm.is_business(feature.tags))
    found = merged(list(features))
    shares = Cut(Borders(country)).shares([one.latitude for one, _ in found], [one.longitude for one, _ in found])
    return [Found(one, int(share), also) for (one, also), share in zip(found, shares, strict=True) if share != OUTSIDE]


def _feature(element: Any) -> Feature | None:
    """None for what is no element with a position and tags."""
    with suppress(AttributeError, KeyError, TypeError, ValueError):
        at = element.get("center", element)
        tags = {storable(str(key)): storable(str(value)) for key, value in element["tags"].items()}
        letter = {"node": "n", "way": "w", "relation": "r"}[element["type"]]
        one = Feature(f"osm:{letter}{int(element['id'])}", float(at["lat"]), float(at["lon"]), osm.kept(tags))
        return one if one.is_on_earth else None
    return None
