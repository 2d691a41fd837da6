"""A country added from a server on loopback and kept up to date by its replication server's diffs."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import osmium
import pytest
from aiohttp import web

from orbweave import config
from orbweave.errors import InvalidInput, NotFound, OrbweaveError, SetupError, Unavailable
from orbweave.maps import Dataset, Feature, Place, Wanted, understand
from orbweave.maps.sources.openstreetmap import Extract
from orbweave.net import NetSettings, Network
from orbweave.places import kept, updating
from orbweave.places.download import stored_as
from orbweave.places.importing import Reading, import_places, of_extract, silent
from orbweave.places.stored import StoredSource
from orbweave.store import places as store
from orbweave.store.database import Database

MONACO = Path(__file__).parent.parent / "maps" / "extracts" / "monaco.osm.pbf"
SEQUENCE = 4328  # of that file
CHANGED, GONE = "osm:n267901435", "osm:n267901573"


def state(sequence: int, day: int) -> bytes:
    return f"#comment\ntimestamp=2025-02-{day}T21\\:21\\:02Z\nsequenceNumber={sequence}\n".encode()


def zipped(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def diff(inner: str) -> bytes:
    return zipped(f'<osmChange version="0.6">{inner}</osmChange>')


def node(id: str, name: str = "", version: int = 900) -> str:
    tags = f'<tag k="amenity" v="restaurant"/><tag k="name" v="{name}"/>' if name else ""
    return (
        f'<node id="{id.removeprefix("osm:n")}" version="{version}" timestamp="2025-02-12T00:00:00Z"'
        f' lat="43.7347" lon="7.4206">{tags}</node>'
    )


ADDED = diff(f"<create>{node('osm:n99000000001', 'Chez Test')}</create><modify>{node(CHANGED, 'Anders')}</modify>")
DELETED = diff(f"<delete>{node(GONE)}</delete>")


class Server:
    """Files by path; what is none is answered with 404."""

    def __init__(self) -> None:
        self.url = ""
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if request.path not in self.files:
            raise web.HTTPNotFound
        return web.Response(body=self.files[request.path], content_type="application/octet-stream")

    def has_diffs(self, *diffs: bytes) -> None:
        for number, body in enumerate(diffs, SEQUENCE + 1):
            self.files[f"/updates/000/00{number // 1000}/{number % 1000:03}.osc.gz"] = body
        self.files["/updates/state.txt"] = state(SEQUENCE + len(diffs), 11 + len(diffs))


@pytest.fixture(scope="module")
def rewritten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("extracts")


def extract_for(folder: Path, server: str) -> Path:
    """The fixture, with a header that says it is kept up to date by ``server``."""
    path = folder / f"{server.rpartition(':')[2].partition('/')[0]}.osm.pbf"
    with osmium.io.Reader(str(MONACO)) as reader:
        header = reader.header()
        header.set("osmosis_replication_base_url", server)
        with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
            osmium.apply(reader, writer)
    return path


@pytest.fixture
async def server(rewritten: Path) -> AsyncIterator[Server]:
    played = Server()
    app = web.Application()
    app.router.add_get("/{path:.*}", played.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    played.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    played.files["/monaco-latest.osm.pbf"] = extract_for(rewritten, f"{played.url}/updates").read_bytes()
    played.has_diffs()
    yield played
    await runner.cleanup()


class Kept:
    """What ``orbweave places`` does, for Monaco."""

    def __init__(self, db: Database, network: Network, home: Path, url: str) -> None:
        self.db, self.network, self.settings, self.url = db, network, config.load(home=home), url
        self.file = stored_as(url, home / "extracts")

    async def add(self, *, keep: bool, what: str | None = None) -> None:
        of = kept.wanted(what or self.url, None, self.settings)
        await kept.add(self.db, self.network, self.settings, of, keep=keep, progress=silent)

    async def update(self, country: str = "MC") -> kept.Updated:
        return await kept.update(self.db, self.network, self.settings, country, progress=silent)

    async def restaurants(self) -> dict[str, Place]:
        wanted = Wanted("MC", understand("restaurants"))
        return {place.place_id: place async for place in StoredSource(self.db).places(wanted)}

    async def dataset(self) -> store.StoredDataset:
        ((of,),) = [one.datasets for one in await store.current(self.db.pool)]
        return of


@pytest.fixture
async def monaco(db: Database, server: Server, tmp_path: Path) -> AsyncIterator[Kept]:
    async with Network(NetSettings(allow_networks=("127.0.0.0/8",))) as network:
        yield Kept(db, network, tmp_path, f"{server.url}/monaco-latest.osm.pbf")


async def test_diffs_bring_it_up_to_date(monaco: Kept, server: Server) -> None:
    await monaco.add(keep=True)
    before = await monaco.restaurants()
    assert CHANGED in before
    assert GONE in before
    server.has_diffs(ADDED, DELETED)
    server.asked.clear()

    updated = await monaco.update()
    assert updated.how == "Monaco: 2 diffs applied."
    assert [one.country for one in updated.imported] == ["MC"]
    after = await monaco.restaurants()
    assert after.keys() == before.keys() - {GONE} | {"osm:n99000000001"}
    assert (after["osm:n99000000001"].name, after[CHANGED].name) == ("Chez Test", "Anders")
    assert before[CHANGED].name != "Anders"
    same = before.keys() - {GONE, CHANGED}
    assert {id: after[id].name for id in same} == {id: before[id].name for id in same}
    of = await monaco.dataset()
    assert of.updates == {"url": f"{server.url}/updates", "sequence": SEQUENCE + 2}
    assert of.version == "2025-02-13T21:21:02Z"
    assert "/monaco-latest.osm.pbf" not in server.asked

    server.asked.clear()
    assert await monaco.update() == kept.Updated("MC", "Monaco is up to date (of 2025-02-13).", [])
    assert server.asked == ["/updates/state.txt"]
    server.has_diffs(ADDED, DELETED, diff(""))
    assert (await monaco.update()).how == "Monaco: 1 diff applied."


async def test_what_was_not_kept_is_fetched_anew(monaco: Kept, server: Server) -> None:
    await monaco.add(keep=False)
    assert not monaco.file.exists()
    assert (await monaco.update()).imported == []
    server.has_diffs(ADDED)
    server.asked.clear()
    updated = await monaco.update()
    assert updated.how == "Monaco: the extract was fetched anew."
    assert server.asked[:2] == ["/updates/state.txt", "/monaco-latest.osm.pbf"]
    assert not monaco.file.exists()


async def test_too_many_diffs_are_not_applied(monaco: Kept, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    await monaco.add(keep=True)
    monkeypatch.setattr(updating, "MOST_DIFFS", 1)
    server.has_diffs(ADDED, DELETED)
    assert (await monaco.update()).how == "Monaco: the extract was fetched anew."
    assert "osm:n99000000001" not in await monaco.restaurants()
    assert monaco.file.exists()


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/updates/000/004/330.osc.gz", None, r"000/004/330\.osc\.gz gives no update \(HTTP 404\)"),
        ("/updates/000/004/330.osc.gz", b"junk", r"330\.osc\.gz is damaged"),
        ("/updates/000/004/330.osc.gz", DELETED[:-20], r"330\.osc\.gz is damaged"),
        (
            "/updates/000/004/329.osc.gz",
            zipped("<osmChange version='0.6'><create>"),
            r"329\.osc\.gz is damaged",
        ),
        ("/updates/000/004/329.osc.gz", zipped("<html></html>"), r"329\.osc\.gz is damaged"),
        ("/updates/state.txt", None, r"state\.txt gives no update \(HTTP 404\)"),
        ("/updates/state.txt", b"<html>Sorry</html>", "names no sequence number"),
    ],
    ids=("missing", "junk", "truncated", "half", "page", "no state", "page for state"),
)
async def test_a_server_without_good_diffs_changes_nothing(
    monaco: Kept, server: Server, path: str, body: bytes | None, message: str
) -> None:
    await monaco.add(keep=True)
    before, file = await store.current(monaco.db.pool), monaco.file.read_bytes()
    server.has_diffs(ADDED, DELETED)
    good = server.files.pop(path)
    if body is not None:
        server.files[path] = body
    with pytest.raises(Unavailable, match=message):
        await monaco.update()
    assert await store.current(monaco.db.pool) == before
    assert monaco.file.read_bytes() == file
    assert [one.name for one in monaco.file.parent.iterdir() if one.name.endswith(".part.osm.pbf")] == []
    server.files[path] = good
    assert (await monaco.update()).how == "Monaco: 2 diffs applied."


async def test_an_update_whose_import_failed_is_taken_up_again(
    monaco: Kept, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    await monaco.add(keep=True)
    server.has_diffs(ADDED, DELETED)

    async def full(self: store.SetBuilder, records: object) -> None:
        raise SetupError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(store.SetBuilder, "copy_kinds", full)
        with pytest.raises(SetupError):
            await monaco.update()
    assert GONE in await monaco.restaurants()
    server.asked.clear()
    updated = await monaco.update()
    assert updated.how == "Monaco: the kept extract, which has all diffs, was imported."
    assert len(updated.imported) == 1
    assert server.asked == ["/updates/state.txt"]
    assert GONE not in await monaco.restaurants()


async def test_a_kept_file_that_is_broken_is_fetched_anew(monaco: Kept, server: Server) -> None:
    await monaco.add(keep=True)
    server.has_diffs(ADDED)
    monaco.file.write_bytes(b"junk")
    assert (await monaco.update()).how == "Monaco: the extract was fetched anew."
    whole = monaco.file.read_bytes()
    monaco.file.write_bytes(whole[: len(whole) // 2])  # whose header is still good
    before = await store.current(monaco.db.pool)
    with pytest.raises(SetupError, match="remove the file"):
        await monaco.update()
    assert await store.current(monaco.db.pool) == before


async def test_a_local_file_is_not_updated(monaco: Kept) -> None:
    await monaco.add(keep=True, what=str(MONACO))
    with pytest.raises(InvalidInput, match="add a newer file, or `orbweave places add MC`"):
        await monaco.update()


async def test_what_cannot_be_updated_says_what_to_do(monaco: Kept) -> None:
    with pytest.raises(NotFound, match="`orbweave places add MC` does it"):
        await monaco.update()
    one = Feature("other:1", 43.7347, 7.4206, {"amenity": "restaurant", "name": "Autre"})
    reading = Reading(
        Dataset("overture", "CDLA-Permissive-2.0", "© Overture", "2026-08-19.0"), "x", lambda: iter([one])
    )
    await import_places(monaco.db, reading, country="MC")
    with pytest.raises(InvalidInput, match="--source overture"):
        await monaco.update()


async def test_an_extract_that_is_none_is_not_kept(monaco: Kept, server: Server) -> None:
    await monaco.add(keep=False)
    before = await store.current(monaco.db.pool)
    for body in (b"", b"<html>", server.files["/monaco-latest.osm.pbf"][:300_000]):
        server.files["/monaco-latest.osm.pbf"] = body
        with pytest.raises(InvalidInput, match="cannot be read as an OpenStreetMap extract"):
            await monaco.add(keep=True)
        assert list(monaco.file.parent.iterdir()) == []
    assert await store.current(monaco.db.pool) == before


async def test_a_download_outlives_a_failed_import(
    monaco: Kept, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(self: store.SetBuilder, records: object) -> None:
        raise SetupError("The disk is full.")

    monkeypatch.setattr(store.SetBuilder, "copy_kinds", full)
    with pytest.raises(OrbweaveError, match="full"):
        await monaco.add(keep=False)
    assert monaco.file.exists()


async def test_removing_removes_the_kept_file(monaco: Kept) -> None:
    await monaco.add(keep=True)
    assert monaco.file.exists()
    await kept.remove(monaco.db, monaco.settings, "MC")
    assert list(monaco.file.parent.iterdir()) == []
    assert await store.current(monaco.db.pool) == []
    with pytest.raises(NotFound, match="No places of Monaco were imported"):
        await kept.remove(monaco.db, monaco.settings, "MC")


async def test_a_file_of_several_countries_is_kept_while_one_needs_it(monaco: Kept) -> None:
    await monaco.add(keep=True)
    dataset = Dataset("openstreetmap", "ODbL-1.0", "©", None)
    one = Feature("osm:n1", 47.141, 9.5215, {"amenity": "restaurant", "name": "Adler"})
    await import_places(monaco.db, Reading(dataset, monaco.url, lambda: iter([one])), country="LI")
    await kept.remove(monaco.db, monaco.settings, "LI")
    assert monaco.file.exists()


async def test_the_fixture_says_what_it_is_of() -> None:
    extract = of_extract(Extract(MONACO))
    assert extract.updates == {"url": "https://download.geofabrik.de/europe/monaco-updates", "sequence": SEQUENCE}
    assert updating.sequence(MONACO) == SEQUENCE
    assert updating.sequence(Path(__file__)) is None
