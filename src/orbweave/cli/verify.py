"""``orbweave verify``: verdicts on e-mail addresses, without a database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import typer
from rich.table import Table

from orbweave.cli import inputs
from orbweave.cli.command import MAIL, Context, command
from orbweave.cli.network import network
from orbweave.cli.output import table

BATCH = 1000
"""Addresses checked together, so that those of one domain share a mail session."""


def register(app: typer.Typer) -> None:
    command(
        app,
        "verify",
        options=MAIL,
        examples=[
            "orbweave verify info@example.com",
            "orbweave verify --file addresses.txt --json > verdicts.jsonl",
            "cat addresses.txt | orbweave verify -",
        ],
    )(verify)


def verify(
    context: Context,
    emails: Annotated[
        list[str] | None, typer.Argument(metavar="EMAIL...", help="Addresses; - reads them from stdin.")
    ] = None,
    file: inputs.File = None,
    timeout: Annotated[int, typer.Option(min=1, max=120, help="Seconds a step of a mail session may take.")] = 10,
    gravatar: Annotated[bool, typer.Option("--gravatar", help="Also look for a Gravatar.")] = False,
    dnsbl: Annotated[bool, typer.Option("--dnsbl", help="Also ask blacklists about the domain.")] = False,
) -> None:
    """Check e-mail addresses up to the mail server's answer; no message is ever sent."""
    options = {"smtp_timeout_secs": timeout, "check_gravatar": gravatar, "check_dnsbl": dnsbl}
    asyncio.run(_verify(context, inputs.read(emails or [], file, "e-mail addresses"), options))


async def _verify(context: Context, emails: AsyncIterator[str], options: dict[str, Any]) -> None:
    from orbweave.verify import Verifier, VerifyOptions

    settings = context.settings
    asked = VerifyOptions(
        **options, from_email=settings.smtp_from, hello_name=settings.smtp_hello, smtp_port=settings.smtp_port
    )
    verdicts = []
    async with network(settings) as net:
        verifier = Verifier(net)
        async for batch in _batches(emails):
            async for verdict in verifier.check(batch, asked):
                if context.out.json:
                    context.out.emit(verdict.data(), str)
                else:
                    verdicts.append(verdict.data())
                    context.out.note(f"{verdict.data()['email']}: {verdict.data()['status']}")
    if not context.out.json:
        context.out.emit(verdicts, lambda: _table(verdicts))


async def _batches(values: AsyncIterator[str]) -> AsyncIterator[list[str]]:
    batch: list[str] = []
    async for value in values:
        batch.append(value)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _table(verdicts: list[dict[str, Any]]) -> Table:
    rows = [(v["email"], v["status"], v["sub_status"], v["score"], v.get("reason")) for v in verdicts]
    return table(("E-mail", "Verdict", "Why", "Score", "The server's words"), rows)
