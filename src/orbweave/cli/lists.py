"""``orbweave lists``: which lists of domains and names verdicts rest on, and how old they are."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer
from rich.console import Group

from orbweave.cli.command import NETWORK, Context, command
from orbweave.cli.network import network
from orbweave.cli.output import table

if TYPE_CHECKING:
    from orbweave.verify.lists import Edition


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Lists behind verdicts: disposable, free, role accounts, providers, block lists, your own.",
        no_args_is_help=True,
    )
    app.add_typer(group, name="lists")
    command(group, "show", options=("home", "dnsbl_zones"), examples=["orbweave lists show"])(show)
    command(
        group,
        "update",
        options=("home", "disposable_list_url", *NETWORK),
        examples=["orbweave lists update", "orbweave lists update --disposable-list-url https://example.com/list.txt"],
    )(update)


def show(context: Context) -> None:
    """Show each list with its age, and the block lists that can be asked with their terms."""
    from orbweave.verify import dnsbl
    from orbweave.verify.list_folder import ListFolder

    settings = context.settings
    folder = settings.home / "lists"
    editions = ListFolder(folder).editions()
    asked = [f".{zone.name}" for zone in dnsbl.parse_zones(settings.dnsbl_zones)]
    zones = [
        {
            "zone": zone.name,
            "of": zone.of,
            "enabled": any(name.endswith(f".{zone.name}") for name in asked),
            "terms": zone.terms,
        }
        for zone in dnsbl.known_zones()
    ]
    context.out.emit(
        {"folder": folder, "lists": [asdict(one) for one in editions], "dnsbl": zones},
        lambda: Group(
            table(("list", "entries", "as of"), [(one.name, one.entries, one.edition) for one in editions]),
            table(
                ("block list", "about", "asked", "terms"),
                [(one["zone"], one["of"], one["enabled"], one["terms"]) for one in zones],
            ),
            f"Your own: disposable.txt, allowed.txt and never.txt in {folder}, one domain a line.",
        ),
    )


def update(context: Context) -> None:
    """Download the list of disposable domains; workers that run use it within a minute."""
    from orbweave.verify.list_folder import download

    settings = context.settings

    async def run() -> Edition:
        async with network(settings) as net:
            return await download(net, settings.disposable_list_url, settings.home / "lists")

    edition = asyncio.run(run())
    context.out.emit(
        asdict(edition), lambda: f"{edition.entries} disposable domains as of {edition.edition} are in use."
    )
