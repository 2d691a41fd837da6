"""``orbweave practice``: the practice internet alone."""

from __future__ import annotations

import asyncio
import shlex
import sys
from typing import Annotated

import typer

from orbweave.cli import children, local
from orbweave.cli.command import Context, command
from orbweave.cli.output import table
from orbweave.errors import SetupError

PATIENCE = 15.0
"""Seconds that --env waits for one that was started just now."""


def register(app: typer.Typer) -> None:
    command(
        app,
        "practice",
        options=("home",),
        examples=[
            "orbweave practice --country LI,MC",
            'eval "$(orbweave practice --env)" && orbweave site https://some-practice.site   # in another terminal',
        ],
    )(practice)


def practice(
    context: Context,
    env: Annotated[bool, typer.Option("--env", help="Print the settings that reach the one that runs.")] = False,
    country: Annotated[str, typer.Option(help="Whose businesses have a practice website, such as LI,AD.")] = "LI",
    with_parent: children.WithParent = False,
) -> None:
    """Run DNS, web and mail servers on this machine that answer for the businesses of a country, until Ctrl-C.

    Nothing that is pointed at them reaches a real site.
    """
    from orbweave import practice as internet

    out, env_file = context.out, context.settings.home / "practice.env"
    if env:
        try:
            lines = internet.running_env(env_file, PATIENCE)
        except SetupError:
            if not out.json:
                sys.stdout.write(internet.NOBODY)
                sys.stdout.flush()
            raise
        if out.json:
            out.emit(_variables(lines), str)
        else:
            sys.stdout.write(lines)
        return

    other = internet.running(env_file)
    if other is not None:
        raise SetupError(
            f"A practice internet of {context.settings.home} is already running (process {other}); stop it first, or"
            f" start this one with another --home. If process {other} is something else, remove {env_file}."
        )

    def ready(running: internet.Practice) -> None:
        settings = running.settings()
        out.emit(settings, lambda: table(("Setting", "Value"), settings.items()))
        out.note("The practice internet runs, no real site is contacted through it; Ctrl-C stops it.")
        out.note('In another terminal, eval "$(orbweave practice --env)" points commands at it.')

    local.make(context.settings.home)
    asyncio.run(
        internet.serve(internet.Practice(country), env_file=env_file, on_ready=ready, stop_with_stdin=with_parent)
    )


def _variables(lines: str) -> dict[str, str]:
    """What a shell would set."""
    words = shlex.split(lines, comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)
