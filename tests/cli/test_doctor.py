from __future__ import annotations

import asyncio
import resource
import shutil
import socket
from collections import namedtuple
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orbweave import config
from orbweave.cli import doctor
from orbweave.maps import Dataset, Feature
from orbweave.places.importing import Reading, import_places
from orbweave.site.render import Browser
from orbweave.store.clients import create_client
from orbweave.store.database import Database

Usage = namedtuple("Usage", "total used free")


async def ran(settings: config.Settings, *, offline: bool = True) -> dict[str, doctor.Check]:
    return {check.name: check async for check in doctor.diagnose(settings, offline=offline)}


async def test_all_is_checked(dsn: str, tmp_path: Path) -> None:
    checks = await ran(config.load(database_url=dsn, home=tmp_path, user_agent="Me (+https://me.example)"))
    assert list(checks) == [
        *("settings", "disk", "open files", "database", "counters", "data", "lists", "dns", "port 25", "mail name"),
        "browser",
    ]
    assert all(check.fix for check in checks.values() if check.status == "fail")
    assert checks["database"].status == checks["counters"].status == checks["data"].status == "ok"
    assert "LI (20" in checks["data"].message  # with the date of the data


async def test_a_counter_that_is_wrong_is_found(db: Database, dsn: str, tmp_path: Path) -> None:
    client = await create_client(db, "mine")
    await db.pool.execute(
        "insert into campaigns (campaign_id, client_id, query, country_code, filter, spec, max_inflight) "
        "values ('camp', $1, 'x', 'LI', '{}', '{}', 1)",
        client.client_id,
    )
    await db.pool.execute("insert into campaign_count (campaign_id, slot, pending) values ('camp', 0, 3)")
    check = (await ran(config.load(database_url=dsn, home=tmp_path)))["counters"]
    assert check.status == "fail"
    assert "camp: pending says 3, rows say 0" in check.message


async def test_imports_that_are_old_are_pointed_at(db_with_gazetteer: Database, tmp_path: Path) -> None:
    db, today = db_with_gazetteer, datetime.now(UTC).date()

    async def imported(country: str, version: str | None) -> doctor.Check | None:
        point = (43.7347, 7.4206) if country == "MC" else (47.141, 9.5215)
        one = Feature(f"a:{country}", *point, {"amenity": "restaurant", "name": "Adler"})
        reading = Reading(Dataset("a", "CC0-1.0", "A", version), "by hand", lambda: iter([one]))
        await import_places(db, reading, country=country)
        return await doctor.imports(db)

    assert await doctor.imports(db) is None
    fresh, old = today - timedelta(days=90), today - timedelta(days=91)
    assert await imported("MC", f"{fresh}T21:21:02Z") == doctor.Check("imports", "ok", f"Imported: MC ({fresh}).")
    assert await imported("LI", None) == doctor.Check("imports", "ok", f"Imported: LI ({today}), MC ({fresh}).")
    await imported("LI", f"{old}.0")  # as Overture writes it
    check = (await ran(config.load(database_url=db.dsn, home=tmp_path)))["imports"]
    assert (check.status, check.fix) == ("warn", "orbweave places update LI")
    assert check.message == f"Imported: LI ({old}), MC ({fresh}). LI: older than 90 days."


async def test_no_database_is_a_failure_and_the_rest_goes_on(tmp_path: Path, free_port: int) -> None:
    checks = await ran(config.load(database_url=f"postgresql://me:secret@127.0.0.1:{free_port}/x", home=tmp_path))
    assert checks["database"].status == "fail"
    assert "DATABASE_URL" in checks["database"].message
    assert "secret" not in checks["database"].message
    assert "browser" in checks


def test_a_misspelt_variable_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORBWEAVE_NAMESERVER", "x")
    assert doctor.configuration(config.load()) == doctor.Check(
        "settings", "warn", "ORBWEAVE_NAMESERVER sets nothing.", "Did you mean ORBWEAVE_NAMESERVERS?"
    )


@pytest.mark.parametrize(("free", "status"), [(2**20, "fail"), (2**30, "warn"), (2**34, "ok")])
def test_disk_space(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, status: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(2**40, 0, free))
    check = doctor.disk(tmp_path / "not" / "yet" / "there")
    assert check.status == status
    assert bool(check.fix) == (status != "ok")


@pytest.mark.parametrize(("limit", "status"), [(256, "warn"), (8192, "ok"), (resource.RLIM_INFINITY, "ok")])
def test_open_files(monkeypatch: pytest.MonkeyPatch, limit: int, status: str) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (limit, limit))
    assert doctor.descriptors().status == status


async def test_a_resolver_that_does_not_know_the_name_still_answers(pointed: None) -> None:
    check = await doctor.dns(config.load())
    assert (check.status, "does not know gmail.com" in check.message) == ("ok", True)
    assert (await doctor.mail(config.load())).status == "warn"


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a name server that never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        yield server.getsockname()[1]


@pytest.mark.parametrize(("name", "check", "status"), [("dns", doctor.dns, "fail"), ("port 25", doctor.mail, "warn")])
async def test_nothing_hangs(monkeypatch: pytest.MonkeyPatch, silent: int, name: str, check: Any, status: str) -> None:
    monkeypatch.setattr(doctor, "PATIENCE", 0.05)
    found = await doctor.bounded(name, check, config.load(nameservers=f"127.0.0.1:{silent}"), offline=False)
    assert (found.status, found.message) == (status, "No answer within 0 s.")
    assert found.fix


@pytest.mark.parametrize(("greeting", "status"), [(b"220 hello\r\n", "ok"), (b"554 no\r\n", "warn"), (b"", "warn")])
async def test_port_25_is_tried_up_to_the_greeting(
    monkeypatch: pytest.MonkeyPatch, greeting: bytes, status: str
) -> None:
    heard = asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        if greeting:
            heard.set_result(await reader.read())
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def mx(self: Any, domain: str) -> list[Any]:
        return [namedtuple("MX", "preference host")(10, "127.0.0.1")]

    monkeypatch.setattr("orbweave.net.Network.mx", mx)
    settings = config.load(allow_networks="127.0.0.0/8", smtp_port=port)
    assert (await doctor.mail(settings)).status == status
    if greeting:
        assert await heard == b"QUIT\r\n"
    server.close()


async def test_a_closed_port_25_says_what_that_means(monkeypatch: pytest.MonkeyPatch, free_port: int) -> None:
    async def mx(self: Any, domain: str) -> list[Any]:
        return [namedtuple("MX", "preference host")(10, "127.0.0.1")]

    monkeypatch.setattr("orbweave.net.Network.mx", mx)
    check = await doctor.mail(config.load(allow_networks="127.0.0.0/8", smtp_port=free_port))
    assert check.status == "warn"
    assert "never invalid" in (check.fix or "")


def test_the_exit_code_follows_the_failures(cli: Any, monkeypatch: pytest.MonkeyPatch, free_port: int) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://127.0.0.1:{free_port}/x")
    ran = cli("doctor", "--offline", "--json")
    assert ran.code == 1
    assert [check["name"] for check in ran.lines if check["status"] == "fail"] == ["database"]
    assert "fail  database" in cli("doctor", "--offline").stdout


@pytest.mark.parametrize(
    ("settings", "status", "word"),
    [
        ({}, "ok", "ORBWEAVE_BROWSER_PATH"),
        ({"browser_pages": 0}, "ok", "browser_pages"),
        ({"browser_path": "/bin/false"}, "warn", "does not start"),
        ({"browser_path": "/nowhere/chromium"}, "warn", "not a program"),
    ],
)
async def test_the_browser_is_started(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], status: str, word: str
) -> None:
    monkeypatch.setattr(Browser, "find", staticmethod(lambda path=None: path if path == Path("/bin/false") else None))
    check = await doctor.browser(config.load(**settings))
    assert (check.status, word in check.message) == (status, True)
