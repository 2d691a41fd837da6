"""``orbweave db``: the database itself, embedded or external."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from orbweave.cli.command import Context, command
from orbweave.cli.output import card
from orbweave.errors import InvalidInput

DATABASE = ("home",)


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The database: schema, backup, removal.", no_args_is_help=True)
    app.add_typer(group, name="db")
    command(group, "migrate", options=DATABASE, examples=["orbweave db migrate"])(migrate)
    command(group, "status", options=DATABASE, examples=["orbweave db status", "orbweave db status --json"])(status)
    command(group, "dump", options=DATABASE, examples=["orbweave db dump backup.dump"])(dump)
    command(group, "restore", options=DATABASE, examples=["orbweave db restore backup.dump"])(restore)
    command(group, "wipe", options=DATABASE, examples=["orbweave db wipe", "orbweave db wipe --yes"])(wipe)


def migrate(context: Context) -> None:
    """Bring the schema to this version; `serve` does it by itself."""
    from orbweave.store import backup

    applied = asyncio.run(backup.migrate_database(context.settings, context.out.note))
    context.out.emit({"applied": applied}, lambda: _applied(applied))


def status(context: Context) -> None:
    """Show where the database is, how large it is, and whether its schema is current."""
    from orbweave.store import backup

    found = asyncio.run(backup.database_status(context.settings, context.out.note))
    facts = [
        ("kind", "embedded" if found.embedded else "external"),
        ("where", found.location),
        ("PostgreSQL", found.version),
        ("size", f"{found.size / 2**20:.1f} MB"),
        ("connections", found.connections),
        ("schema", f"{len(found.applied)} migrations applied" + (", current" if not found.pending else "")),
        ("pending", found.pending),
    ]
    context.out.emit(asdict(found), lambda: card("Database", facts))


def dump(context: Context, file: Annotated[Path, typer.Argument(help="File to write; it must not exist.")]) -> None:
    """Write everything to a file, as of one moment, while others go on working."""
    from orbweave.store import backup

    if file.exists():
        raise InvalidInput(f"{file} exists already; choose another name or remove it.", field="file")
    asyncio.run(backup.dump(context.settings, file, context.out.note))
    size = file.stat().st_size
    context.out.emit({"file": str(file), "bytes": size}, lambda: f"Wrote {file} ({size / 2**20:.1f} MB).")


def restore(context: Context, file: Annotated[Path, typer.Argument(help="What `db dump` wrote.")]) -> None:
    """Read a dump into an empty database and bring it to this version."""
    from orbweave.store import backup

    applied = asyncio.run(backup.restore(context.settings, file, context.out.note))
    context.out.emit({"file": str(file), "applied": applied}, lambda: f"Restored {file}. {_applied(applied)}")


def wipe(context: Context, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False) -> None:
    """Delete the database with all campaigns, results and clients."""
    from orbweave.store import backup

    settings = context.settings
    what = "the external database" if settings.database_url else f"the database in {settings.home}"
    if not yes:
        if not sys.stdin.isatty():
            raise InvalidInput(f"This deletes {what}; add --yes to say that you mean it.", field="--yes")
        typer.confirm(f"Delete {what} with everything in it?", abort=True, err=True)
    asyncio.run(backup.wipe(settings, context.out.note))
    (settings.home / "token").unlink(missing_ok=True)
    context.out.emit({"wiped": True}, lambda: f"Deleted {what}.")


def _applied(labels: list[str]) -> str:
    return f"Applied {', '.join(labels)}." if labels else "The schema is current."
