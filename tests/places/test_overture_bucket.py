"""Overture's bucket played on loopback: listed, read in ranges, imported beside OpenStreetMap's places."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aiohttp import web

from orbweave.config import Settings
from orbweave.errors import InvalidInput, Unavailable
from orbweave.maps import Dataset, Feature, Wanted, understand
from orbweave.maps.sources import overture
from orbweave.net import NetSettings, Network
from orbweave.places import kept
from orbweave.places.importing import Reading, import_places, silent
from orbweave.places.overture_bucket import Bucket
from orbweave.places.stored import StoredSource
from orbweave.store import places as store
from orbweave.store.database import Database

NEWEST = "2026-08-19.0"
HEAD = '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
Answer = Callable[[web.Request], Any]


def parquet(path: Path, rows: int = 1) -> Path:
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            copy (select 'id' || n as id, {{'primary': 'Adler ' || n, 'common': null}} as names,
                  'restaurant' as basic_category, 0.9 as confidence, ['+423 232 22 88'] as phones,
                  [{{'freeform': 'Städtle 1', 'locality': 'Vaduz', 'postcode': '9490', 'country': 'LI'}}] as addresses,
                  {{'xmin': 9.5215::float, 'xmax': 9.5215::float,
                    'ymin': (47.1410 + n / 1000)::float, 'ymax': (47.1410 + n / 1000)::float}} as bbox
                  from range({rows}) as t (n)) to '{path}' (format parquet)
            """
        )
    return path


class Server:
    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []
        self.listing: Answer | None = None
        self.reading: Answer | None = None
        self.page = 1

    def answer(self, request: web.Request) -> Any:
        key = request.match_info["key"]
        if not key:
            return (self.listing or self._list)(request)
        self.asked.append(request.headers["Range"])
        return (self.reading or self._read)(request)

    def _read(self, request: web.Request) -> web.Response:
        body = self.files[request.match_info["key"]]
        start, end = map(int, request.headers["Range"].removeprefix("bytes=").split("-"))
        return web.Response(status=206, body=body[start : end + 1])

    def _list(self, request: web.Request) -> web.Response:
        prefix = request.query["prefix"]
        if request.query.get("delimiter"):
            names = sorted({key.split("/")[1] for key in self.files} | {"README", "2025-01-01.0"})
            inner = "".join(f"<CommonPrefixes><Prefix>release/{name}/</Prefix></CommonPrefixes>" for name in names)
            return web.Response(text=f"{HEAD}{inner}</ListBucketResult>")
        keys = [key for key in sorted(self.files) if key.startswith(prefix)]
        first = int(request.query.get("continuation-token", 0))
        shown = keys[first : first + self.page]
        inner = "".join(f"<Contents><Key>{key}</Key><Size>{len(self.files[key])}</Size></Contents>" for key in shown)
        more = f"<NextContinuationToken>{first + self.page}</NextContinuationToken>" * (first + self.page < len(keys))
        return web.Response(text=f"{HEAD}{inner}{more}</ListBucketResult>")


@pytest.fixture
def server(tmp_path: Path) -> Server:
    folder = f"release/{NEWEST}/theme=places/type=place"
    one, two = parquet(tmp_path / "1.parquet", 3), parquet(tmp_path / "2.parquet", 1)
    files = {f"{folder}/1.parquet": one.read_bytes(), f"{folder}/2.parquet": two.read_bytes()}
    return Server({**files, f"{folder}/_SUCCESS": b"", "release/2025-09-24.0/theme=places/x.parquet": b""})


@pytest.fixture
async def url(server: Server) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{key:.*}", lambda request: _answered(server, request))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def _answered(server: Server, request: web.Request) -> web.StreamResponse:
    answer = server.answer(request)
    made: web.StreamResponse = await answer if asyncio.iscoroutine(answer) else answer
    return made


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    async with Network(NetSettings(allow_networks=("127.0.0.0/8",), user_agent="Test (+mailto:a@b.example)")) as net:
        yield net


async def test_the_newest_release_is_imported_beside_openstreetmap(
    db: Database, network: Network, url: str, server: Server
) -> None:
    osm = Feature("osm:n1", 47.1410, 9.5215, {"amenity": "restaurant", "name": "Adler 0", "website": "adler.example"})
    dataset = Dataset("openstreetmap", "ODbL-1.0", "© OpenStreetMap contributors, ODbL 1.0", "2026-01-01")
    await import_places(db, Reading(dataset, "by hand", lambda: iter([osm])), country="LI")
    settings = Settings(overture_url=url)
    (done,) = await kept.add_overture(
        db, network, settings, "LI", origin=None, release=None, confidence=0.5, progress=silent
    )
    assert (done.source, done.places, done.duplicates) == ("overture", 3, 2)
    (of,) = await store.current(db.pool, "LI")
    assert [(one.source, one.version) for one in of.datasets] == [
        ("openstreetmap", "2026-01-01"),
        ("overture", NEWEST),
    ]
    found = [place async for place in StoredSource(db).places(Wanted("LI", understand("restaurants")))]
    (adler,) = [place for place in found if place.place_id == "osm:n1"]
    assert adler.phone
    assert adler.phone.e164 == "+4232322288"
    assert {origin.source for origin in adler.origins} == {"openstreetmap", "overture"}
    assert {place.source_license for place in found} == {"ODbL-1.0", "CDLA-Permissive-2.0"}
    assert server.asked


async def test_an_import_that_is_given_up_ends_at_once(
    db: Database, network: Network, url: str, server: Server
) -> None:
    asked, over = asyncio.Event(), asyncio.Event()

    async def stall(request: web.Request) -> web.Response:
        asked.set()
        await over.wait()
        return web.Response(status=500)

    server.reading = stall
    adding = asyncio.create_task(
        kept.add_overture(
            db, network, Settings(overture_url=url), "LI", origin=None, release=None, confidence=0.5, progress=silent
        )
    )
    async with asyncio.timeout(60):
        await asked.wait()
        adding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await adding
        await asyncio.get_running_loop().shutdown_default_executor()  # the thread has ended too
    over.set()
    assert await store.current(db.pool) == []


async def test_a_folder(db: Database, network: Network, tmp_path: Path) -> None:
    folder = tmp_path / "release=2026-08-19.0"
    folder.mkdir()
    parquet(folder / "part.parquet", 2)
    (done,) = await kept.add_overture(
        db, network, Settings(), "LI", origin=str(folder), release=None, confidence=0.5, progress=silent
    )
    assert done.places == 2
    (of,) = await store.current(db.pool, "LI")
    assert of.datasets[0].version == NEWEST
    with pytest.raises(InvalidInput, match="no Parquet file"):
        await kept.add_overture(
            db, network, Settings(), "LI", origin=str(tmp_path / "no"), release=None, confidence=0.5, progress=silent
        )


async def test_releases(network: Network, url: str) -> None:
    async with Bucket(network, url) as bucket:
        assert await bucket.newest_release() == NEWEST
        assert len(await bucket.files(NEWEST)) == 2
        with pytest.raises(InvalidInput, match=f"the newest is {NEWEST}"):
            await bucket.files("2024-01-01.0")
        with pytest.raises(InvalidInput, match=r"like 2026-08-19\.0"):
            await bucket.files("../../etc")


def status(code: int) -> Answer:
    return lambda request: web.Response(status=code)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ListBucketResult>&b;</ListBucketResult>'


@pytest.mark.parametrize(
    ("listing", "says"),
    [
        (status(403), "HTTP 403"),
        (status(503), "HTTP 503"),
        (lambda _: web.Response(text="<html>"), "no listing"),
        (lambda _: web.Response(text="<Error/>"), "no listing"),
        (lambda _: web.Response(text=BOMB), "no listing"),
        (lambda _: web.Response(text=f"{HEAD}</ListBucketResult>"), "no Overture release"),
    ],
)
async def test_listings_that_are_none(network: Network, url: str, server: Server, listing: Answer, says: str) -> None:
    server.listing = listing
    async with Bucket(network, url) as bucket:
        with pytest.raises(Unavailable, match=says):
            await bucket.newest_release()


@pytest.mark.parametrize("reading", [status(403), status(404), status(503), status(200)])
async def test_files_that_cannot_be_read_leave_what_was_there(
    db: Database, network: Network, url: str, server: Server, reading: Answer
) -> None:
    server.reading = reading
    with pytest.raises((InvalidInput, Unavailable)) as caught:
        await kept.add_overture(
            db, network, Settings(overture_url=url), "LI", origin=None, release=NEWEST, confidence=0.5, progress=silent
        )
    assert "Traceback" not in str(caught.value)
    assert await store.current(db.pool) == []


async def test_a_server_that_recovers(db: Database, network: Network, url: str, server: Server) -> None:
    failures = iter([503, 503])

    def sometimes(request: web.Request) -> web.Response:
        if code := next(failures, None):
            return web.Response(status=code)
        return server._read(request)

    server.reading = sometimes
    (done,) = await kept.add_overture(
        db, network, Settings(overture_url=url), "LI", origin=None, release=NEWEST, confidence=0.5, progress=silent
    )
    assert done.places + done.duplicates == 4


def test_the_extent_of_a_country() -> None:
    west, south, east, north = kept._extent("LI") or (0, 0, 0, 0)
    assert west < 9.47
    assert east > 9.64
    assert south < 47.05
    assert north > 47.28
    assert kept._extent("FJ") is None
    assert overture.CONFIDENCE == 0.5
