"""``orbweave version``."""

from __future__ import annotations

import platform

import typer

import orbweave
from orbweave.cli.command import Context, command


def register(app: typer.Typer) -> None:
    command(app, "version", examples=["orbweave version", "orbweave version --json"])(version)


def version(context: Context) -> None:
    """Print the version."""
    facts = {
        "orbweave": orbweave.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
    }
    context.out.emit(facts, lambda: f"orbweave {facts['orbweave']} (Python {facts['python']}, {facts['platform']})")
