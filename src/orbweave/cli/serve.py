"""``orbweave serve`` and ``orbweave worker``: the server of this machine, and more hands for it."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import typer

from orbweave.cli import children, local
from orbweave.cli.command import SECRET, Context, command
from orbweave.config import Settings
from orbweave.errors import SetupError

if TYPE_CHECKING:
    from orbweave.store.database import Database

SERVE = ("home", "host", "port", *(name for name in Settings.model_fields if name not in (*SECRET, "server")))
_SERVER_ALONE = ("host", "port", "workers", "max_locations", "rate_limit_per_minute", "rate_limit_burst")
WORKER = tuple(name for name in SERVE if name not in _SERVER_ALONE)


def register(app: typer.Typer) -> None:
    command(
        app,
        "serve",
        options=SERVE,
        examples=[
            "orbweave serve",
            "orbweave serve --host 0.0.0.0 --port 80 --workers 8",
            "DATABASE_URL=postgresql://orbweave:secret@db.example/orbweave orbweave serve",
        ],
    )(serve)
    command(
        app,
        "worker",
        options=WORKER,
        examples=["DATABASE_URL=postgresql://orbweave:secret@db.example/orbweave orbweave worker"],
    )(worker)


def serve(context: Context, with_parent: children.WithParent = False) -> None:
    """Run the server: HTTP API, workers and, without DATABASE_URL, the database. Ctrl-C stops it."""
    settings, out = context.settings, context.out
    running = local.find(settings.home)
    if running is not None:
        out.emit(
            {"url": running.url, "pid": running.pid, "already_running": True},
            lambda: f"A server of {settings.home} is already running: {running.url} (process {running.pid}).",
        )
        return
    if settings.port and not local.is_free(settings.host, settings.port):
        raise SetupError(
            f"Port {settings.port} of {settings.host} is taken{local.holder(settings.port)}; "
            f"try `--port {settings.port + 1}`."
        )
    if with_parent:
        children.follow_parent()
    asyncio.run(_serve(context))


async def _serve(context: Context) -> None:
    from orbweave import app

    settings = context.settings

    async def announce(url: str, db: Database) -> None:
        await local.ensure_client(settings.home, db)
        local.register(settings.home, local.Server(url, os.getpid()))
        facts = {"url": url, "pid": os.getpid(), "home": str(settings.home)}
        context.out.emit(facts, lambda: f"Orbweave serves {url} (data in {settings.home}). Ctrl-C stops it.")

    try:
        await app.serve(settings, announce=announce)
    finally:
        local.unregister(settings.home)


def worker(context: Context, with_parent: children.WithParent = False) -> None:
    """Run one more worker process on the same database: here, or elsewhere with the same DATABASE_URL."""
    from orbweave import app

    if with_parent:
        children.follow_parent()
    asyncio.run(app.worker(context.settings))
