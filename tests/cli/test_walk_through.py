"""What a stranger met on the first walk through the README."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from orbweave import practice
from orbweave.cli import campaigns, local
from orbweave.cli.client import problem
from orbweave.config import load
from orbweave.errors import SetupError, Unauthenticated


def orbweave(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orbweave.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, **options)


def test_settings_of_no_practice_internet_lead_nowhere() -> None:
    """A pasted block goes on after a failed eval: what follows must not reach real sites."""
    script = (
        'eval "$LINES_OF_NOBODY"; echo eval said $?\n'
        '"$PY" -m orbweave.cli site https://example.com --json\n'
        '"$PY" -m orbweave.cli verify someone@example.com --json\n'
    )
    environment = {**os.environ, "PY": sys.executable, "LINES_OF_NOBODY": practice.NOBODY}
    ran = subprocess.run(
        ["sh", "-c", script], env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert "eval said 1" in ran.stdout
    assert '"crawl_status":"failed"' in ran.stdout
    assert '"status":"unknown"' in ran.stdout
    assert '"crawl_status":"success"' not in ran.stdout


def test_env_of_no_practice_internet_fails_closed(tmp_path: Path) -> None:
    script = "import sys, orbweave.cli.practice as p; p.PATIENCE = 0.0; from orbweave.cli import main; sys.exit(main())"
    ran = subprocess.run(
        [sys.executable, "-c", script, "practice", "--env", "--home", str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stdout == practice.NOBODY
    assert "No practice internet is running" in ran.stderr


def test_second_practice_internet_does_not_take_the_firsts_place(tmp_path: Path) -> None:
    env_file = tmp_path / "practice.env"
    env_file.write_text(f"# The practice internet of process {os.getpid()}\nexport A=b\n")
    ran = orbweave("practice", "--home", str(tmp_path))
    assert ran.returncode == 1
    assert f"already running (process {os.getpid()})" in ran.stderr
    assert practice.running_env(env_file).endswith("export A=b\n")


@pytest.mark.parametrize("command", [["run", "restaurants", "--country", "LI"], ["demo", "--exit"]])
def test_output_that_cannot_be_written_is_said_before_the_work(tmp_path: Path, command: list[str]) -> None:
    home = tmp_path / "home"
    ran = orbweave(*command, "--home", str(home), "-o", str(tmp_path / "nowhere" / "leads.csv"))
    assert ran.returncode == 1
    assert "Cannot write" in ran.stderr
    assert not home.exists()


def test_writable_output(tmp_path: Path) -> None:
    campaigns.check_writable(tmp_path / "leads.csv")
    with pytest.raises(SetupError):
        campaigns.check_writable(tmp_path)


def test_token_is_one_line_that_can_be_captured(home: Path) -> None:
    made = orbweave("client", "create", "A name", "--home", str(home), env={**os.environ, "COLUMNS": "40"})
    [token] = made.stdout.splitlines()
    assert [part.split("_")[0] for part in token.split(":")] == ["cli", "sk", "secret"]
    assert token.strip() == token
    assert token not in made.stderr


def test_nothing_on_standard_input() -> None:
    with Path(os.devnull).open() as nothing:
        ran = orbweave("verify", "-", stdin=nothing)
    assert ran.returncode == 0, ran.stderr
    assert "not permitted" not in ran.stderr


def test_sentences_of_the_server_end_once() -> None:
    detail = [{"loc": ["body", "query"], "msg": "No such trade.", "type": "value_error"}]
    answer = httpx2.Response(422, json={"detail": detail}, request=httpx2.Request("GET", "http://x"))
    assert str(problem(answer)) == "query: No such trade."


def test_local_token_goes_to_the_local_server_alone(tmp_path: Path) -> None:
    local.register(tmp_path, local.Server("http://127.0.0.1:8080", os.getpid()))
    (tmp_path / "token").write_text("cli_a:sk_b:secret_c\n")
    with local.connect(load(home=tmp_path, server="http://127.0.0.1:8080/")):
        pass
    for other in ("http://127.0.0.1:8081", "https://leads.example"):
        with pytest.raises(Unauthenticated, match="ORBWEAVE_TOKEN"):
            local.connect(load(home=tmp_path, server=other))
