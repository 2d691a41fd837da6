"""demo, run and serve as a user starts them: processes, PostgreSQL and a practice internet of their own."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from orbweave.cli import local
from orbweave.store.database import Database

pytestmark = pytest.mark.slow


def orbweave(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orbweave.cli", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_demo_ends_with_verified_leads_and_works_twice(home: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        first = orbweave("demo", "--exit", "--port", port, "--home", str(home), folder=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "no real site is contacted" in first.stderr
    assert f"Port {port} is taken" in first.stderr
    assert "✓\u00a0info@" in first.stdout
    rows = list(csv.DictReader((tmp_path / "leads.csv").open(encoding="utf-8")))
    assert f"Wrote leads.csv: {len(rows)} leads." in first.stderr
    assert sum(bool(row["emails_valid"]) for row in rows) >= 5
    assert (home / "demo" / "token").stat().st_mode & 0o777 == 0o600
    assert not (home / "demo" / "server.json").exists()

    # A database of the user's own is left alone: workers on it would meet the practice internet.
    second = orbweave("demo", "--json", "--home", str(home), folder=tmp_path, DATABASE_URL="postgresql://nowhere/x")
    assert second.returncode == 0, second.stderr
    leads = [json.loads(line) for line in second.stdout.splitlines()]
    assert sorted(lead["business_name"] for lead in leads) == sorted(row["name"] for row in rows)


def test_run_starts_a_server_for_itself(db_with_gazetteer: Database, practice: dict[str, str], tmp_path: Path) -> None:
    run = orbweave(
        *("run", "restaurants", "--country", "LI", "--location", "3042030", "--output", "leads.jsonl"),
        *("--json", "--home", str(tmp_path / "home")),
        folder=tmp_path,
        DATABASE_URL=db_with_gazetteer.dsn,
        **practice,
    )
    assert run.returncode == 0, run.stderr
    leads = [json.loads(line) for line in run.stdout.splitlines()]
    assert leads
    assert len((tmp_path / "leads.jsonl").read_text().splitlines()) == len(leads)
    notes = [json.loads(line).get("note", "") for line in run.stderr.splitlines()]
    assert any("Public websites will not be crawled" in note for note in notes)


def test_serve_answers_until_it_is_stopped(db_with_gazetteer: Database, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": db_with_gazetteer.dsn, "ORBWEAVE_HOME": str(tmp_path), "ORBWEAVE_WORKERS": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", "orbweave.cli", "serve", "--port", "0", "--json"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout
        ready = json.loads(server.stdout.readline())
        assert local.find(tmp_path) == local.Server(ready["url"], server.pid)
        assert orbweave("campaigns", "list", "--json", folder=tmp_path, **environment).stdout == "[]\n"
        missing = orbweave("campaigns", "status", "camp_none", "--json", folder=tmp_path, **environment)
        assert missing.returncode == 1
        assert json.loads(missing.stderr)["code"] == "not_found"
        again = orbweave("serve", "--json", folder=tmp_path, **environment)
        assert again.returncode == 0
        assert json.loads(again.stdout) == {"url": ready["url"], "pid": server.pid, "already_running": True}
        port = ready["url"].rpartition(":")[2]
        other = orbweave(
            "serve", "--port", port, folder=tmp_path, **{**environment, "ORBWEAVE_HOME": str(tmp_path / "o")}
        )
        assert other.returncode == 1
        assert f"--port {int(port) + 1}" in other.stderr
        server.send_signal(signal.SIGTERM)
    assert server.returncode == 0
    assert local.find(tmp_path) is None
    assert not (tmp_path / "server.json").exists()
