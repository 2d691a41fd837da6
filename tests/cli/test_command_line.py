"""What holds for every command."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

import orbweave
from orbweave import errors
from orbweave.cli.main import app, fail
from orbweave.cli.output import Output, plain


def names(group: typer.Typer, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [(*path, info.name or "") for info in group.registered_commands]
    for sub in group.registered_groups:
        assert sub.typer_instance
        found += names(sub.typer_instance, (*path, sub.name or ""))
    return found


COMMANDS = names(app)


def start(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "orbweave.cli", *arguments], **options)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_shows_examples(cli: Any, command: tuple[str, ...]) -> None:
    ran = cli(*command, "--help")
    assert ran.code == 0
    assert "Examples: $ " in " ".join(ran.stdout.split())
    assert "--json" in ran.stdout


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_wrong_option_is_usage(cli: Any, command: tuple[str, ...]) -> None:
    ran = cli(*command, "--no-such-option")
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("Error: No such option: --no-such-option")
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_wrong_option_is_json_on_request(cli: Any, command: tuple[str, ...]) -> None:
    ran = cli(*command, "--json", "--no-such-option")
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.error["code"] == "usage"
    assert f"`orbweave {' '.join(command)} --help`" in ran.error["error"]


def test_an_unknown_command_is_usage(cli: Any) -> None:
    ran = cli("campagins")
    assert ran.code == 2
    assert "campagins" in ran.stderr


def test_no_command_shows_help(cli: Any) -> None:
    assert "Start with `orbweave demo`" in cli().stdout


@pytest.mark.parametrize(
    "error", [errors.NotFound("gone"), OSError(28, "No space left on device", "/x"), KeyError("x")]
)
def test_any_failure_is_a_sentence_and_exit_code_1(capsys: pytest.CaptureFixture[str], error: Exception) -> None:
    assert fail(Output(json=False), error) == 1
    said = capsys.readouterr().err
    assert said.startswith("Error: ")
    assert said.endswith(".\n" if not isinstance(error, errors.NotFound) else "gone\n")
    assert "Traceback" not in said


def test_wrong_input_is_exit_code_2_and_names_the_field(capsys: pytest.CaptureFixture[str]) -> None:
    assert fail(Output(json=True), errors.InvalidInput("no", field="--in")) == 2
    assert json.loads(capsys.readouterr().err) == {"error": "no", "code": "invalid_input", "field": "--in"}


def test_a_bad_setting_stops_every_command(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORBWEAVE_PORT", "x")
    ran = cli("version")
    assert ran.code == 2
    assert "environment ORBWEAVE_PORT" in ran.stderr


def test_debug_adds_the_traceback(cli: Any) -> None:
    assert "Traceback" in cli("campaigns", "list", "--debug").stderr
    assert "Traceback" not in cli("campaigns", "list").stderr


def test_version(cli: Any) -> None:
    assert cli("version", "--json").lines[0]["orbweave"] == orbweave.__version__
    assert cli("version").stdout.startswith(f"orbweave {orbweave.__version__} ")


def test_config_show_says_where_values_come_from(cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orbweave.toml").write_text("workers = 3")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@db/x")
    monkeypatch.setenv("ORBWEAVE_TOKEN", "cli_a:sk_b:secret_c")
    ran = cli(
        "config", "show", "--origin", "--json", "--port", "9", "--nameserver", "1.1.1.1", "--nameserver", "9.9.9.9"
    )
    [shown] = ran.lines
    assert shown["port"] == {"value": 9, "origin": "flag --port"}
    assert shown["nameservers"] == {"value": ["1.1.1.1", "9.9.9.9"], "origin": "flag --nameserver"}
    assert shown["workers"] == {"value": 3, "origin": "file orbweave.toml"}
    assert shown["host"]["origin"] == "default"
    assert shown["database_url"] == {"value": "postgresql://me:***@db/x", "origin": "environment DATABASE_URL"}
    assert shown["token"]["value"] == "(set)"
    for ran in (cli("config", "show"), cli("config", "show", "--origin"), cli("config", "show", "--json")):
        assert "secret" not in ran.stdout
        assert ran.code == 0


def test_text_from_elsewhere_cannot_drive_the_terminal() -> None:
    assert plain("a\x1b[31mred\x07\u202e\tb\r\nc") == "a[31mred b \nc"
    assert plain(["x", None, True]) == "x\n\nyes"


def on_terminal(environment: dict[str, str], *arguments: str) -> bytes:
    """What a command writes on a terminal."""
    leader, follower = pty.openpty()
    process = start(*arguments, stdin=follower, stdout=follower, stderr=follower, env={**os.environ, **environment})
    os.close(follower)
    written = b""
    try:
        while chunk := os.read(leader, 4096):
            written += chunk
    except OSError:  # Linux: the other side is closed
        pass
    process.wait()
    os.close(leader)
    return written


def test_colours_on_a_terminal_unless_no_color() -> None:
    assert b"\x1b[" in on_terminal({"TERM": "xterm-256color"}, "config", "show")
    assert b"\x1b[" not in on_terminal({"TERM": "xterm-256color", "NO_COLOR": "1"}, "config", "show")


def test_ctrl_c_ends_quietly_with_130() -> None:
    process = start("site", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"not a url\n")
    process.stdin.flush()
    process.stdout.readline()  # it is in the middle of its work, waiting for more input
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in stderr


def test_a_closed_pipe_ends_quietly() -> None:
    process = start("config", "show", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    assert process.stderr.read() == b""
    assert process.wait() == 1


@pytest.mark.parametrize(("words", "completed"), [("orbweave ca", "campaigns"), ("orbweave db w", "wipe")])
def test_completion(words: str, completed: str) -> None:
    environment = {"_ORBWEAVE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        [sys.executable, "-m", "orbweave.cli"],
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.split() == [completed]


def test_version_needs_no_command(cli: Any) -> None:
    ran = cli("--version")
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.startswith("orbweave ")
