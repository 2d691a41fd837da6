from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import typer.main

from orbweave.cli import docs
from orbweave.cli.command import SECRET
from orbweave.cli.main import app
from orbweave.config import Settings, flag, variables

ROOT = Path(__file__).parents[2]


def commands(group: typer.Typer, path: str = "orbweave") -> Iterator[tuple[str, str]]:
    """Every command's full name and epilog."""
    for info in group.registered_commands:
        yield f"{path} {info.name}", info.epilog or ""
    for sub in group.registered_groups:
        assert sub.typer_instance
        yield from commands(sub.typer_instance, f"{path} {sub.name}")


COMMANDS = dict(commands(app))


@pytest.mark.parametrize(("name", "text"), [("cli.md", docs.cli()), ("configuration.md", docs.configuration())])
def test_pages_are_what_the_code_says(name: str, text: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, "run `python -m orbweave.cli.docs`"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_with_examples(command: str) -> None:
    assert f"## `{command}`" in (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert COMMANDS[command].count("$ ") >= 1


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_documented(setting: str) -> None:
    row = re.search(rf"^\| `{setting}` \|.*$", (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8"), re.M)
    assert row
    assert Settings.model_fields[setting].description
    for name in (*variables(setting), *([] if setting in SECRET else [flag(setting)])):
        assert f"`{name}`" in row[0]


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_but_secrets_is_an_option(setting: str) -> None:
    assert (f"{flag(setting)} " in docs.cli()) == (setting not in SECRET)


def test_examples_name_commands_and_options_that_exist() -> None:
    for command, epilog in COMMANDS.items():
        words = command.split()[1:]
        node = typer.main.get_command(app)
        for word in words:
            node = node.commands[word]  # type: ignore[attr-defined]
        known = {option for parameter in node.params for option in (*parameter.opts, *parameter.secondary_opts)}
        for example in epilog.split("$ ")[1:]:
            assert command in example
            own = re.split(r"[|>&#]", example[example.index(command) :])[0]
            assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", own)) <= known, example
