"""An Overpass server asked, well or badly behaved: the server is on loopback and answers as the documentation says."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from orbweave.errors import InvalidInput, Unavailable
from orbweave.maps import Circle, Interpretation, Place, SourceBusy, Understanding, Wanted, understand
from orbweave.maps.sources.overpass import OverpassSource, write_query
from orbweave.net import NetSettings, Network

KEY = "s3cr3t"
FREE = "Connected as: 1\nCurrent time: 2026-01-01T00:00:00Z\nRate limit: 2\n2 slots available now.\n"
TAKEN = "Rate limit: 2\nSlot available after: 2026-01-01T00:00:12Z, in 12 seconds.\n"


def element(kind: str, id: int, name: str, **tags: str) -> dict[str, Any]:
    at = {"lat": 47.1410, "lon": 9.5215}
    placed = at if kind == "node" else {"center": at}
    return {"type": kind, "id": id, **placed, "tags": {"amenity": "restaurant", "name": name, **tags}}


ANSWER = {
    "version": 0.6,
    "osm3s": {"timestamp_osm_base": "2026-01-01T00:00:00Z"},
    "elements": [
        element("node", 1, "Adler", phone="+423 232 22 88"),
        element("way", 2, "Linde", cuisine="pizza;pasta", **{"diet:vegan": "yes"}),
        element("relation", 3, "Rössle"),
        element("way", 4, "Adler"),  # the building of the first
        element("node", 5, "", created_by="x"),  # nobody to write to
        {"type": "node", "id": 6},  # a node of a way
        {"type": "area", "id": 7, "tags": {}},
        "garbage",
    ],
}


class Server:
    """``answer``: what the interpreter does; ``asked``: the queries it got."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.status = FREE
        self.answer: Callable[[web.Request], Any] = lambda request: web.json_response(ANSWER)

    async def interpreter(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((await request.post())["data"])  # type: ignore[arg-type]
        self.agents.add(request.headers["User-Agent"])
        answer = self.answer(request)
        return await answer if asyncio.iscoroutine(answer) else answer


@pytest.fixture
async def server() -> Server:
    return Server()


@pytest.fixture
async def source(server: Server, tmp_path: Path) -> AsyncIterator[OverpassSource]:
    app = web.Application()
    app.router.add_post("/api/interpreter", server.interpreter)
    app.router.add_get("/api/status", lambda request: web.Response(text=server.status))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    settings = NetSettings(allow_networks=("127.0.0.0/8",), user_agent="Tester/1 (+mailto:me@example.org)")
    async with Network(settings) as network:
        yield OverpassSource(network, f"http://user:{KEY}@127.0.0.1:{port}/api/interpreter", tmp_path / "overpass")
    await runner.cleanup()


async def found(source: OverpassSource, query: str, **where: Any) -> list[Place]:
    return [place async for place in source.places(Wanted("LI", understand(query), **where))]


async def test_a_country_and_a_kind_is_one_query(source: OverpassSource, server: Server) -> None:
    places = {place.name: place for place in await found(source, "restaurants")}
    assert places.keys() == {"Adler", "Linde", "Rössle"}
    adler = places["Adler"]
    assert adler.phone
    assert adler.phone.e164 == "+4232322288"
    assert [origin.id for origin in adler.origins] == ["osm:n1", "osm:w4"]
    assert (adler.source, adler.source_version) == ("openstreetmap", "2026-01-01T00:00:00Z")
    assert adler.link == "https://www.openstreetmap.org/node/1"
    (query,) = server.asked
    assert query.startswith("[out:json][timeout:180];")
    assert 'area["ISO3166-1"="LI"][boundary=administrative]' in query
    assert server.agents == {"Tester/1 (+mailto:me@example.org)"}


async def test_answers_are_kept(source: OverpassSource, server: Server) -> None:
    first = await found(source, "restaurants")
    assert await found(source, "restaurants") == first
    vegan = await found(source, "vegan restaurant")
    assert {place.name for place in vegan} == {"Linde"}
    assert len(server.asked) == 1
    await asyncio.gather(*(found(source, "cafés") for _ in range(5)))
    assert len(server.asked) == 2


async def test_old_or_broken_answers_are_asked_again(source: OverpassSource, server: Server, tmp_path: Path) -> None:
    await found(source, "restaurants")
    (kept,) = (tmp_path / "overpass").iterdir()
    kept.write_bytes(kept.read_bytes()[:40])
    await found(source, "restaurants")
    assert len(server.asked) == 2
    source._kept_seconds = 0
    await found(source, "restaurants")
    assert len(server.asked) == 3


async def test_places_are_cut_among_the_locations(source: OverpassSource) -> None:
    near = await found(source, "restaurants", circle=Circle(47.1410, 9.5215, 10))
    assert len(near) == 3
    assert await found(source, "restaurants", circle=Circle(47.2, 9.5215, 10)) == []
    assert {place.location_id for place in near} == {3042030}


async def test_no_slot_is_waited_for_by_asking_later(source: OverpassSource, server: Server) -> None:
    server.status = TAKEN
    with pytest.raises(SourceBusy, match="no slot") as caught:
        await found(source, "restaurants")
    assert caught.value.retry_after == 13
    assert server.asked == []


@pytest.mark.parametrize(("status", "seconds"), [(429, 60), (503, 60), (504, 60)])
async def test_a_busy_server(source: OverpassSource, server: Server, status: int, seconds: float) -> None:
    server.answer = lambda request: web.Response(status=status, text="<html>busy</html>")
    with pytest.raises(SourceBusy, match=str(status)) as caught:
        await found(source, "restaurants")
    assert caught.value.retry_after == seconds
    server.answer = lambda request: web.Response(status=status, headers={"Retry-After": "7"})
    with pytest.raises(SourceBusy) as caught:
        await found(source, "restaurants")
    assert caught.value.retry_after == 7


def remark(text: str) -> dict[str, Any]:
    return {**ANSWER, "elements": [], "remark": text}


async def cut_off(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "100000"})
    await answer.prepare(request)
    await answer.write(b'{"elements": [')
    assert request.transport
    request.transport.close()
    return answer


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (lambda _: web.Response(status=400, text="<html>parse error</html>"), Unavailable, "ORBWEAVE_OVERPASS_URL"),
        (lambda _: web.Response(status=302, headers={"Location": "http://10.0.0.1/"}), Unavailable, "HTTP 302"),
        (lambda _: web.Response(text="<html>Welcome</html>"), Unavailable, "no Overpass JSON"),
        (lambda _: web.Response(text=json.dumps(ANSWER)[:-30]), Unavailable, "cut off"),
        (lambda _: web.json_response({"elements": 5}), Unavailable, "no list"),
        (lambda _: web.json_response([1]), Unavailable, "no Overpass JSON"),
        (cut_off, Unavailable, "gives no answer"),
        (lambda _: web.json_response(remark("runtime error: Query timed out in query")), SourceBusy, "not finish"),
        (lambda _: web.json_response(remark("runtime error: Query ran out of memory")), SourceBusy, "not finish"),
        (lambda _: web.json_response(remark("runtime error: open64: 0")), Unavailable, "could not answer"),
    ],
)
async def test_faults_are_told_without_the_key(
    source: OverpassSource,
    server: Server,
    answer: Any,
    error: type[Exception],
    says: str,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer = answer
    with pytest.raises(error, match=says) as caught:
        await found(source, "restaurants")
    assert KEY not in str(caught.value)
    assert KEY not in caplog.text
    assert not (tmp_path / "overpass").exists()  # nothing of it is kept
    server.answer = lambda request: web.json_response(ANSWER)
    assert len(await found(source, "restaurants")) == 3


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    async with Network(NetSettings(allow_networks=("127.0.0.0/8",))) as network:
        with pytest.raises(Unavailable, match=r"127\.0\.0\.1 gives no answer"):
            await found(OverpassSource(network, "http://127.0.0.1:1/api/interpreter", tmp_path), "restaurants")


def test_private_addresses_are_asked_only_where_allowed(tmp_path: Path) -> None:
    async def ask() -> None:
        async with Network(NetSettings()) as network:
            await found(OverpassSource(network, "http://127.0.0.1:1/api/interpreter", tmp_path), "restaurants")

    with pytest.raises(Unavailable):
        asyncio.run(ask())


def test_queries() -> None:
    assert '(nwr["amenity"~"(^|;) ?pharmacy ?(;|$)"](area.a);' in write_query("FR", understand("pharmacie", "fr").best)
    name = Interpretation('Zum "Adler"', 0.3, "name", name="zum adler")
    assert r'nwr["name"~"Zum.*\"Adler\"",i](area.a)' in write_query("AT", name)
    general = Interpretation("Shop", 1.0, "exact", ({"shop": "*"},))
    assert 'nwr["shop"](area.a)' in write_query("AT", general)
    brand = Interpretation("Lidl", 1.0, "name", name="lidl", brands=("Q151954",))
    assert '["brand:wikidata"="Q151954"]' in write_query("DE", brand)
    with pytest.raises(InvalidInput, match="what to look for"):
        write_query("AT", Interpretation("everything", 1.0, "exact", ({},)))
    injected = Understanding("x", None, (Interpretation('"](1);out;//', 0.3, "name", name="x"),))
    assert r'["name"~"\"\\]\\(1\\);out;//",i](area.a)' in write_query("AT", injected.best)


@pytest.mark.parametrize(
    "odd",
    [
        {"lat": "nan"},
        {"lat": "inf", "lon": "inf"},
        {"lat": 1000},
        {"lon": 1e300},
        {"lat": True, "lon": None},
        {"id": []},
        {"tags": []},
    ],
)
async def test_odd_elements_cost_no_other(source: OverpassSource, server: Server, odd: dict[str, Any]) -> None:
    elements = [element("node", 1, "Adler"), {**element("node", 2, "Odd"), **odd}]
    server.answer = lambda request: web.json_response({"elements": elements})
    assert {place.name for place in await found(source, "restaurants")} == {"Adler"}


async def test_what_no_database_can_hold_is_left_out_of_tags(source: OverpassSource, server: Server) -> None:
    elements = [element("node", 1, "Ad\0ler", **{"web\0site": "adler.example"})]
    server.answer = lambda request: web.json_response({"elements": elements})
    (place,) = await found(source, "restaurants")
    assert (place.name, place.website) == ("Adler", "https://adler.example/")


@pytest.mark.parametrize(
    "version", ["yesterday", ["x"], {"timestamp_osm_base": {"x": 1}}, {"timestamp_osm_base": None}]
)
async def test_an_answer_without_a_date(source: OverpassSource, server: Server, version: Any) -> None:
    server.answer = lambda request: web.json_response({**ANSWER, "osm3s": version})
    for place in [*await found(source, "restaurants"), *await found(source, "restaurants")]:
        assert place.source_version is None


async def test_an_answer_that_cannot_be_kept_is_an_answer(source: OverpassSource, server: Server) -> None:
    source._folder.write_text("in the way")
    for _ in range(2):
        assert len(await found(source, "restaurants")) == 3
    assert len(server.asked) == 2


async def test_answers_of_an_older_gazetteer_are_asked_for_again(source: OverpassSource, server: Server) -> None:
    first = await found(source, "restaurants")
    (path,) = source._folder.iterdir()
    path.write_bytes(
        gzip.compress(gzip.decompress(path.read_bytes()).replace(str(first[0].location_id).encode(), b"7"))
    )
    assert await found(source, "restaurants") == first
    assert len(server.asked) == 2


async def test_answers_too_old_to_use_are_removed(source: OverpassSource) -> None:
    await found(source, "restaurants")
    (path,) = source._folder.iterdir()
    os.utime(path, (0, 0))
    await found(source, "hotels")
    assert len(list(source._folder.iterdir())) == 1
    assert not path.exists()


def test_countries_that_are_parts_of_others_are_asked_for_too() -> None:
    """Hong Kong's border is of admin_level 3, Puerto Rico's of 4."""
    assert "admin_level" not in write_query("HK", understand("restaurants").best)
