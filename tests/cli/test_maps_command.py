"""``orbweave maps``: what it prints, the files it writes, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import re
import shlex
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orbweave import locations
from orbweave.cli import place_files, place_table
from orbweave.cli.main import app
from orbweave.config import Settings
from orbweave.maps import Dataset, Feature, Place, Sources, Wanted, osm
from orbweave.places import sources
from orbweave.places.sources import are_imported, mark
from orbweave.store.database import Database

VADUZ = next(place for place in locations.load("LI") if place.name == "Vaduz")
DATASET = Dataset("openstreetmap", osm.LICENSE, osm.ATTRIBUTION, "2026-01-01")
TRICKS = "=HYPERLINK(\"http://evil.example\");</script><script>alert('x')</script>\x1b[31m"


def made(number: int, **tags: str) -> Place:
    tags = {"shop": "bakery", "name": f"Bakery {number}", **tags}
    return osm.place(Feature(f"osm:n{number}", 47.1 + number / 1e5, 9.5, tags), VADUZ, DATASET)


class Given:
    """Yields what a test gives it; may do something before each."""

    name = "given"
    attribution = osm.ATTRIBUTION

    def __init__(self, places: list[Place], before: Callable[[int], Any] = lambda number: None) -> None:
        self._places, self._before = places, before

    async def countries(self) -> frozenset[str]:
        return frozenset(["LI"])

    async def places(self, wanted: Wanted) -> AsyncIterator[Place]:
        for number, place in enumerate(self._places):
            waiting = self._before(number)
            if waiting is not None:
                await waiting
            yield place


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def give(*arguments: Any) -> None:
        monkeypatch.setattr(sources, "place_sources", lambda *_: Sources([Given(*arguments)]))

    return give


def test_a_table_fits_the_terminal_and_says_what_it_is(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    ran = cli("maps", "hotels", "--country", "AD")
    assert ran.code == 0
    lines = ran.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert re.fullmatch(r" *Name +Category +Address +Phone +Website *", lines[1])
    (last_row,) = (number for number, line in enumerate(lines) if "businesses: Hotel in Andorra" in line)
    assert last_row == 24  # blank, header, rule, 20 rows, blank: a line each
    told = " ".join(lines[last_row:])
    assert re.search(r"\d\d+ businesses: Hotel in Andorra; the first 20 are shown, -o FILE\.csv takes all\.", told)
    assert "Understood as tourism=hotel" in told
    assert "© OpenStreetMap contributors" in told


def test_a_wide_terminal_gets_more_columns(cli: Any) -> None:
    assert re.search("E-mail +Hours *$", cli("maps", "restaurants in Vaduz").stdout.splitlines()[1])


@pytest.mark.parametrize("room", [20, 60, 100, 500])
def test_widths_never_exceed_the_room(room: int) -> None:
    natural, least = [80, 9, 50, 15, 3], [8, 4, 4, 10, 3]
    widths = place_table.fitted(natural, least, room)
    assert sum(widths) <= max(room, sum(map(min, natural, least)))
    assert all(width <= wish for width, wish in zip(widths, natural, strict=True))


def test_where_and_how_many(cli: Any) -> None:
    ran = cli("maps", "restaurants", "--in", "Vaduz, Liechtenstein", "--max-results", "3", "--json")
    assert ran.code == 0
    assert len(ran.lines) == 3
    assert all(business["name"] and business["source_license"] for business in ran.lines)


def test_streams_take_a_whole_country(cli: Any) -> None:
    whole = cli("maps", "restaurants", "--country", "AD", "--json").lines
    assert len(whole) > 100
    assert cli("maps", "restaurants", "--in", "Andorra", "--json").lines == whole
    named = [business["name"] for business in whole]
    told = cli("maps", "restaurants", "--country", "AD", "--csv")
    assert [row["name"] for row in csv.DictReader(told.stdout.splitlines())] == named
    assert f"{len(whole)} businesses: Restaurant in Andorra." in told.stderr
    assert "OpenStreetMap contributors" in told.stderr
    collection = json.loads(cli("maps", "restaurants", "--country", "AD", "--geojson").stdout)
    assert [feature["properties"]["name"] for feature in collection["features"]] == named
    assert "OpenStreetMap contributors" in collection["attribution"]
    longitude, latitude = collection["features"][0]["geometry"]["coordinates"]
    assert (1.4 < longitude < 1.8, 42.4 < latitude < 42.7) == (True, True)


def test_a_radius_instead_of_the_places_own_area(cli: Any) -> None:
    own = {one["place_id"] for one in cli("maps", "restaurants", "--in", "Vaduz", "--json").lines}
    near = {one["place_id"] for one in cli("maps", "restaurants", "--in", "Vaduz", "--radius", "300", "--json").lines}
    assert near < own
    assert "300 m round Vaduz" in cli("maps", "restaurants", "--in", "Vaduz", "--radius", "300").stdout


def test_nothing_found_is_no_error(cli: Any) -> None:
    ran = cli("maps", "zoo", "--in", "Planken", "--country", "LI", "--json")
    assert (ran.code, ran.stdout) == (0, "")
    assert "0 businesses: Zoo in Planken" in cli("maps", "zoo", "--in", "Planken", "--country", "LI").stdout
    empty = json.loads(cli("maps", "zoo", "--in", "Planken", "--geojson").stdout)
    assert empty["features"] == []


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "geojson", "html", "png"])
def test_a_file_is_of_the_format_its_name_says(cli: Any, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"out.{suffix}"
    ran = cli("maps", "restaurants in Vaduz", "-o", str(file))
    assert ran.code == 0, ran.stderr
    assert f"Written: {file}" in ran.stderr
    found = file.read_bytes()
    starts = {"csv": b"name,", "jsonl": b'{"name"', "geojson": b'{"type":"FeatureCollection"', "png": b"\x89PNG"}
    assert found.startswith(starts.get(suffix, b"<!doctype html>"))
    assert b"Amarone" in found or suffix == "png"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [file.name]


def test_a_spreadsheet_runs_nothing_and_names_source_and_licence(cli: Any, given: Any, tmp_path: Path) -> None:
    given([made(1, name=TRICKS, phone="+423 232 22 88; 791 23 45")])
    assert cli("maps", "bakery", "--country", "LI", "-o", "out.csv").code == 0
    (row,) = csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8"))
    assert row["name"] == "'" + TRICKS
    assert (row["phone"], row["phones"]) == ("+4232322288", "+4232322288; +4237912345")
    assert (row["source"], row["source_license"]) == ("openstreetmap", "ODbL-1.0")
    assert "OpenStreetMap contributors" in row["attribution"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [(["--json"], 2), (["--csv"], 1), (["-o", "out.jsonl"], 1), (["--json", "--map", "out.html"], 1)],
)
def test_what_may_not_be_kept_is_only_looked_at(
    cli: Any, given: Any, tmp_path: Path, arguments: list[str], found: int
) -> None:
    given([made(1), replace(made(2), expires_at=datetime(2999, 1, 1, tzinfo=UTC))])
    ran = cli("maps", "bakery", "--country", "LI", *arguments)
    assert ran.code == 0
    file = tmp_path / "out.jsonl"
    text = file.read_text() if file.exists() else ran.stdout
    assert ("Bakery 1" in text, "Bakery 2" in text) == (True, found == 2)
    assert f"{found} business" in ran.stderr
    assert ("1 more left out" in ran.stderr) == (found == 1)
    page = tmp_path / "out.html"
    assert not page.exists() or "Bakery 2" not in page.read_text()


def test_first_results_are_there_before_the_last_are_read(cli: Any, given: Any, tmp_path: Path) -> None:
    seen = []

    def look(number: int) -> None:
        seen.append((tmp_path / "out.jsonl").read_bytes().count(b"\n"))

    given([made(number) for number in range(2000)], look)
    assert cli("maps", "bakery", "--country", "LI", "-o", "out.jsonl").code == 0
    assert seen[1] == 1
    assert all(number - lines <= place_files.BATCH for number, lines in enumerate(seen))


def test_a_table_holds_no_more_than_it_shows_needs() -> None:
    table, businesses = place_table.PlaceTable(20), [made(number * 7919 % 1000).business() for number in range(1000)]
    held = []
    for business in businesses:
        table.add(business)
        held.append(len(table._kept))
    assert max(held) <= 80
    assert table.best() == sorted(businesses, key=lambda business: business["name"])[:20]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Also where the tests run in the background, with Ctrl-C ignored."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("suffix", ["csv", "jsonl", "geojson"])
def test_ctrl_c_leaves_whole_lines(cli: Any, given: Any, tmp_path: Path, suffix: str) -> None:
    def interrupt(number: int) -> Any:
        if number != 150:
            return None
        os.kill(os.getpid(), signal.SIGINT)
        return asyncio.Event().wait()

    given([made(number) for number in range(1000)], interrupt)
    ran = cli("maps", "bakery", "--country", "LI", "-o", f"out.{suffix}", "--map", "out.html")
    assert ran.code == 130
    assert "Stopped after 150 businesses." in ran.stderr
    text = (tmp_path / f"out.{suffix}").read_text()
    match suffix:
        case "csv":
            assert len(list(csv.DictReader(text.splitlines()))) == 150
        case "jsonl":
            assert len([json.loads(line) for line in text.splitlines()]) == 150
        case _:
            assert len(json.loads(text)["features"]) == 150
    assert not list(tmp_path.glob("out.html*"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["restaurants", "--in", "Nowhereville"], "No place called 'Nowhereville' is known"),
        (["restaurants", "--in", "Springfield, US"], 'say which: "Springfield, '),
        (["restaurants", "--in", "Vaduz", "--country", "XX"], "There is no country 'XX'"),
        (["restaurants", "--in", "Berlin, DE"], "it has these countries: AD, LI, MC"),
        (["restaurantz123qq xx", "--country", "LI"], "names no kind of business"),
        (["restaurants"], "say where"),
        (["restaurants", "--country", "LI", "--source", "nope"], "There is no place source 'nope'"),
        (["restaurants", "--country", "LI", "--radius", "500"], "radius_m needs a place"),
        (["restaurants", "--max-results", "0"], "'--max-results': Input should be greater"),
        (["restaurants", "--country", "LI", "-o", "out.xyz"], "The end of 'out.xyz' says no format; there is: .jsonl"),
        (["restaurants", "--country", "LI", "-o", "no/such/out.csv"], "Cannot write no/such/out.csv: No such file"),
        (["restaurants", "--country", "LI", "--map", "no/out.html"], "Cannot write no/out.html: No such file"),
        (["restaurants", "--country", "LI", "--map", "out.pdf"], "A map is drawn as .html or .png, not as 'out.pdf'"),
        (["restaurants", "--country", "LI", "--csv", "--geojson"], "Choose one of --csv and --geojson"),
        (["restaurants", "--country", "LI", "--csv", "-o", "x.geojson"], "--csv does not go with"),
    ],
)
def test_what_is_wrong_is_said(cli: Any, arguments: list[str], says: str) -> None:
    ran = cli("maps", *arguments)
    assert (ran.code, ran.stdout) == (2, "")
    assert says in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_the_examples_of_the_help_work(cli: Any, tmp_path: Path) -> None:
    (of,) = (command for command in app.registered_commands if command.name == "maps")
    examples = re.findall(r"\$ orbweave (.+)", (of.epilog or "").replace("\\[", "["))
    assert len(examples) >= 4
    for example in examples:
        assert cli(*shlex.split(example)).code == 0, example
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"hotels.csv", "hotels.html"}


def test_the_fields_are_documented() -> None:
    docs = Path(__file__).parents[2] / "docs"
    business = made(1).business()
    fields = (docs / "maps.md").read_text("utf-8").partition("## Fields")[2]
    assert [name for name in business if f"`{name}`" not in fields] == []
    of_api = (docs / "api.md").read_text("utf-8").partition("### Businesses")[2].partition("### ")[0]
    assert [name for name in business if f"`{name}`" not in of_api] == []


def test_no_database_is_made_for_a_search(cli: Any, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert cli("maps", "restaurants in Vaduz", "--json").code == 0
    assert not home.exists()
    home.mkdir()
    mark(Settings(home=home), ["LI"])
    assert not are_imported(Settings(home=home))  # the database was removed since
    assert cli("maps", "restaurants in Vaduz", "--json").code == 0
    assert not (home / "postgres").exists()
    mark(Settings(home=home), [])
    assert not list(home.iterdir())


def test_a_database_that_is_named_is_asked(cli: Any, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", db.dsn)
    told = cli("maps", "restaurants", "--country", "LI", "--source", "imported")
    assert told.code == 2
    assert "it has these countries: none" in told.stderr
    assert "Source: embedded" in cli("maps", "restaurants", "--country", "LI").stdout
