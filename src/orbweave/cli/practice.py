"""``orbweave practice``: the practice internet alone."""

from __future__ import annotations

import asyncio
import shlex
import signal
from typing import Annotated

import typer

from orbweave.cli import children
from orbweave.cli.command import Context, command
from orbweave.cli.output import table


def register(app: typer.Typer) -> None:
    command(
        app,
        "practice",
        examples=[
            "orbweave practice",
            "orbweave practice --env > practice.env &   # then: set -a; . ./practice.env; orbweave serve",
        ],
    )(practice)


def practice(
    context: Context,
    env: Annotated[bool, typer.Option("--env", help="Print only the settings, as a shell reads them.")] = False,
    country: Annotated[str, typer.Option(help="Whose businesses have a practice website.")] = "LI",
    with_parent: children.WithParent = False,
) -> None:
    """Run DNS, web and mail servers on this machine that answer for the businesses of a country, until Ctrl-C.

    Nothing that is pointed at them reaches a real site.
    """
    if with_parent:
        children.follow_parent()
    asyncio.run(_practice(context, env, country))


async def _practice(context: Context, env: bool, country: str) -> None:
    from orbweave.practice import Practice

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Practice(country=country) as running:
        settings = running.settings()
        lines = "\n".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
        context.out.emit(settings, lambda: lines if env else table(("Setting", "Value"), settings.items()))
        if not env:
            context.out.note("The practice internet runs; no real site is contacted through it. Ctrl-C stops it.")
        await stop.wait()
