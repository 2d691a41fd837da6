"""``orbweave client``: who may use the API."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from orbweave.cli.command import Context, command
from orbweave.cli.output import table

DATABASE = ("home",)

ClientId = Annotated[str, typer.Argument(metavar="CLIENT_ID", help="As `client list` shows it.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Clients of the API and their credentials.", no_args_is_help=True)
    app.add_typer(group, name="client")
    command(group, "create", options=DATABASE, examples=['orbweave client create "Sales team"'])(create)
    command(group, "list", options=DATABASE, examples=["orbweave client list --json"])(list_clients)
    command(group, "disable", options=DATABASE, examples=["orbweave client disable cli_0123456789abcdef"])(disable)
    command(group, "enable", options=DATABASE, examples=["orbweave client enable cli_0123456789abcdef"])(enable)


def create(context: Context, name: Annotated[str, typer.Argument(help="What you call this client.")]) -> None:
    """Create a client and print its token, once: only a hash of it is kept."""
    from orbweave.store import clients
    from orbweave.store.database import open_database

    async def make() -> clients.Credentials:
        async with await open_database(context.settings, on_progress=context.out.note) as db:
            return await clients.create_client(db, name)

    made = asyncio.run(make())
    facts = {"client_id": made.client_id, "name": name, "token": made.token}
    # Alone on its line and unwrapped, to be copied or captured whole.
    context.out.emit(facts, lambda: made.token)
    context.out.note(
        f"Client {made.client_id}. Keep the token now, it is not shown again."
        " Send it as `Authorization: Bearer <token>`."
    )


def list_clients(context: Context) -> None:
    """List the clients."""
    from orbweave.store import clients
    from orbweave.store.database import open_database

    async def get() -> list[clients.Client]:
        async with await open_database(context.settings, on_progress=context.out.note) as db:
            return await clients.list_clients(db)

    found = asyncio.run(get())
    context.out.emit(
        found,
        lambda: table(
            ("Client", "Name", "Active", "Requests a minute", "Created"),
            [(c.client_id, c.name, c.active, c.rate_limit, c.created_at) for c in found],
        ),
    )


def disable(context: Context, client_id: ClientId) -> None:
    """Lock a client out; its campaigns stay."""
    _set_active(context, client_id, False)


def enable(context: Context, client_id: ClientId) -> None:
    """Let a disabled client in again."""
    _set_active(context, client_id, True)


def _set_active(context: Context, client_id: str, active: bool) -> None:
    from orbweave.store import clients
    from orbweave.store.database import open_database

    async def change() -> None:
        async with await open_database(context.settings, on_progress=context.out.note) as db:
            await clients.set_active(db, client_id, active)

    asyncio.run(change())
    facts = {"client_id": client_id, "active": active}
    context.out.emit(facts, lambda: f"{client_id} is {'enabled' if active else 'disabled'}.")
