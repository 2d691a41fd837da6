"""``orbweave places`` against a database, a server on loopback, and files that are not what they should be."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import osmium
import pytest

from orbweave.store.database import Database

EXTRACTS = Path(__file__).parent.parent / "maps" / "extracts"
MONACO, ANDORRA, LIECHTENSTEIN = (EXTRACTS / f"{name}.osm.pbf" for name in ("monaco", "andorra", "liechtenstein"))


@pytest.fixture
def database(db_with_gazetteer: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", db_with_gazetteer.dsn)


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORBWEAVE_ALLOW_NETWORKS", "127.0.0.0/8")


def test_looking_makes_no_database(cli: Any, tmp_path: Path) -> None:
    listed = cli("places", "list", "--json")
    assert [(row["country"], row["total"]) for row in listed.lines] == [("AD", 1118), ("LI", 523), ("MC", 590)]
    assert "in the package" in cli("places", "list").stdout
    for command in (("stats", "LI"), ("remove", "liechtenstein"), ("update", "LI"), ("update", "--all")):
        told = cli("places", *command)
        assert (told.code, told.stdout) == (1, "")
        assert "orbweave places add" in told.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.usefixtures("database")
def test_a_file_is_added_looked_at_and_removed(cli: Any) -> None:
    added = cli("places", "add", str(MONACO))
    assert added.stdout.startswith("Monaco: 590 places (")
    assert "reading" in added.stderr
    listed = cli("places", "list")
    (row,) = [line for line in listed.stdout.splitlines() if "Monaco" in line]
    assert "590" in row
    assert "2025-02-11 (" in row
    assert str(MONACO) in row
    stats = cli("places", "stats", "Monaco")
    assert "590" in stats.stdout
    assert "amenity=restaurant" in stats.stdout
    (found,) = cli("places", "stats", "mc", "--json").lines
    assert found["places"] == 590
    assert 0 < found["with_website"] < 590
    assert "No places of Angola" in cli("places", "stats", "AO").stderr
    told = cli("places", "update", "MC")
    assert told.code == 2
    assert "cannot be brought up to date: add a newer file" in told.stderr
    assert cli("places", "remove", "MC").stdout == "Removed the imported places of MC.\n"
    assert cli("places", "remove", "MC").code == 1
    assert "Nothing was imported" in cli("places", "update", "--all").stderr
    assert "in the package" in next(line for line in cli("places", "list").stdout.splitlines() if "Monaco" in line)


@pytest.mark.usefixtures("database", "loopback")
def test_an_address_and_a_country_are_fetched(cli: Any, fake_server: Any, tmp_path: Path) -> None:
    body = MONACO.read_bytes()
    fake_server.on("GET /some/where.osm.pbf", body).on("GET /europe/monaco-latest.osm.pbf", body)
    added = cli("places", "add", f"{fake_server.url}/some/where.osm.pbf")
    assert added.stdout.startswith("Monaco: 590 places (")
    assert "megabytes 0/1\n" in added.stderr
    added = cli("places", "add", "monaco", "--extracts-url", fake_server.url, "--keep", "--json")
    assert [(one["country"], one["places"]) for one in added.lines] == [("MC", 590)]
    assert [path for _, path, _ in fake_server.requests] == [
        *("/some/where.osm.pbf", "/some/where.osm.pbf.md5"),
        *("/europe/monaco-latest.osm.pbf", "/europe/monaco-latest.osm.pbf.md5"),
    ]
    (kept,) = (tmp_path / "home" / "extracts").iterdir()
    assert kept.read_bytes() == body
    (row,) = [one for one in cli("places", "list", "--json").lines if one["country"] == "MC"]
    assert row["origin"] == f"{fake_server.url}/europe/monaco-latest.osm.pbf"
    missing = cli("places", "add", "AT", "--extracts-url", fake_server.url)
    assert (missing.code, missing.stdout) == (2, "")
    assert f"There is nothing at {fake_server.url}/europe/austria-latest.osm.pbf" in missing.stderr


@pytest.mark.usefixtures("database")
def test_a_private_address_is_refused_unless_allowed(cli: Any, fake_server: Any) -> None:
    told = cli("places", "add", f"{fake_server.url}/x.osm.pbf")
    assert told.code == 1
    assert "127.0.0.1 is not a public address" in told.stderr
    assert fake_server.requests == []


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    whole = MONACO.read_bytes()
    (folder / "empty.osm.pbf").write_bytes(b"")
    (folder / "half.osm.pbf").write_bytes(whole[: len(whole) // 2])
    (folder / "flipped.osm.pbf").write_bytes(whole[:400_000] + bytes(1000) + whole[401_000:])
    (folder / "page.osm.pbf").write_text("<html>Sorry</html>")
    shutil.copy(__file__, folder / "script.py")
    with osmium.SimpleWriter(str(folder / "borderless.osm.pbf")) as writer:
        for thing in osmium.FileProcessor(str(MONACO), osmium.osm.NODE):
            writer.add(thing)
    with osmium.SimpleWriter(str(folder / "bare.osm.pbf")) as writer:
        writer.add_node(osmium.osm.mutable.Node(id=1, location=(7.42, 43.73)))
    merged = osmium.MergeInputReader()
    for country in (MONACO, ANDORRA, LIECHTENSTEIN):
        merged.add_file(str(country))
    with osmium.SimpleWriter(str(folder / "three.osm.pbf")) as writer:
        merged.apply(writer)
    return folder


@pytest.mark.usefixtures("database")
def test_what_is_no_extract_is_said_and_changes_nothing(cli: Any, files: Path) -> None:
    cli("places", "add", str(MONACO))
    before = cli("places", "list", "--json").stdout
    for name, message in (
        ("empty.osm.pbf", "cannot be read as an OpenStreetMap extract"),
        ("half.osm.pbf", "cannot be read as an OpenStreetMap extract"),
        ("flipped.osm.pbf", "cannot be read as an OpenStreetMap extract"),
        ("page.osm.pbf", "cannot be read as an OpenStreetMap extract"),
        ("script.py", "cannot be read as an OpenStreetMap extract"),
        ("bare.osm.pbf", "holds the whole border of no country"),
        ("borderless.osm.pbf", "say whose places these are, with --country"),
        ("missing.osm.pbf", "There is no file"),
        ("", "is a folder; name the file in it"),
    ):
        told = cli("places", "add", str(files / name))
        assert (told.code, told.stdout) == (2, ""), name
        error = told.stderr.splitlines()[-1]
        assert error.startswith("Error: "), name
        assert message in error, name
        assert "Traceback" not in told.stderr
    assert cli("places", "add", str(files / "bare.osm.pbf"), "--country", "MC").stderr.endswith("no businesses.\n")
    assert cli("places", "list", "--json").stdout == before


@pytest.mark.usefixtures("database")
def test_a_file_without_a_border_goes_with_a_country(cli: Any, files: Path) -> None:
    added = cli("places", "add", str(files / "borderless.osm.pbf"), "--country", "MC", "--json")
    (one,) = added.lines
    assert one["country"] == "MC"
    assert 400 < one["places"] < 600  # nodes alone


@pytest.mark.usefixtures("database")
def test_an_extract_of_several_countries(cli: Any, files: Path) -> None:
    added = cli("places", "add", str(files / "three.osm.pbf"), "--json")
    counts = {one["country"]: one["places"] for one in added.lines}
    assert counts == {"AD": 1118, "LI": 523, "MC": 590}
    added = cli("places", "add", str(files / "three.osm.pbf"), "-c", "AD", "--json")
    assert {one["country"]: one["places"] for one in added.lines} == {"AD": 1118}
    (stats,) = cli("places", "stats", "AD", "--json").lines
    named = {one["name"]: one["places"] for one in stats["locations"]}
    assert named["Andorra la Vella"] > 100
    assert "AD500" not in named  # whose places are the city's
    assert 1000 < sum(named.values()) <= 1118
    told = cli("places", "update", "--all")
    assert told.code == 1
    assert told.stderr.count("cannot be brought up to date") == 3
    assert "Not updated: AD, LI, MC." in told.stderr


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (("lichtenstein",), "did you mean Liechtenstein?"),
        (("Qwertz",), "give a country, a file or an address"),
        (("VA",), "There is no extract of Vatican (VA); give a file or an address of one that holds it"),
        (("LI", "-c", "XX"), "There is no country 'XX'"),
        (("https://me:secret@127.0.0.1/x.osm.pbf",), "An address with a password"),
        (("LI", "--source", "bing"), "--source is openstreetmap or overture"),
        (("LI", "--from", "/data"), "go with --source overture"),
        (("XX", "--source", "overture"), "There is no country 'XX'"),
    ],
)
def test_unusable_arguments(cli: Any, tmp_path: Path, what: tuple[str, ...], message: str) -> None:
    told = cli("places", "add", *what)
    assert (told.code, told.stdout) == (2, "")
    assert message in told.stderr
    assert "secret" not in told.stderr
    assert not (tmp_path / "home").exists()


def test_update_wants_countries_or_all(cli: Any) -> None:
    for arguments in ((), ("LI", "--all")):
        told = cli("places", "update", *arguments)
        assert told.code == 2
        assert "Name countries, or give --all" in told.stderr


def test_the_embedded_database_keeps_them(cli: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORBWEAVE_HOME", str(home))
    assert cli("places", "add", str(MONACO)).code == 0
    assert (home / "imported").read_text() == "MC\n"
    (home / "imported").unlink()  # as after `orbweave db restore`
    assert cli("places", "list").code == 0
    assert (home / "imported").read_text() == "MC\n"
    assert cli("places", "remove", "MC").code == 0
    assert not (home / "imported").exists()
