"""``orbweave verify``: verdicts on e-mail addresses, without a database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from orbweave.cli import inputs, journal, progress, spreadsheet
from orbweave.cli.command import MAIL, Context, command
from orbweave.cli.network import network
from orbweave.cli.output import card, plain
from orbweave.errors import InvalidInput

USUAL_COLUMNS = ("email", "e-mail", "mail", "email address", "e-mail address", "email_address")
VERDICT = ("status", "sub_status", "score", "quality", "did_you_mean", "reason", "checked_at")
LINE = "verify_line"
STYLES = {"valid": "green", "risky": "yellow", "invalid": "red", "unknown": "dim"}

Verdict = Mapping[str, Any]


def register(app: typer.Typer) -> None:
    command(
        app,
        "verify",
        options=MAIL,
        examples=[
            "orbweave verify info@example.com",
            "orbweave verify --file addresses.txt --json > verdicts.jsonl",
            "orbweave verify --file customers.csv --column email --output checked.csv",
            "orbweave verify --file customers.csv --column email --output checked.csv --resume",
        ],
    )(verify)


def verify(
    context: Context,
    emails: Annotated[
        list[str] | None, typer.Argument(metavar="EMAIL...", help="Addresses; - reads them from stdin.")
    ] = None,
    file: inputs.File = None,
    column: Annotated[
        str | None, typer.Option(help="Column of a .csv or .tsv file that holds the addresses; default `email`.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="File that verdicts are appended to: .jsonl, or .csv with your own columns."
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Leave out what --output holds already.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Ask greylisting servers again, after the seconds of verify_retry_delays.")
    ] = False,
    smtp_timeout_secs: Annotated[
        int, typer.Option("--smtp-timeout-secs", "--timeout", min=1, max=120, help="Seconds a step may take.")
    ] = 10,
    from_email: Annotated[
        str | None, typer.Option(help="MAIL FROM; default as --smtp-from says.", show_default=False)
    ] = None,
    hello_name: Annotated[
        str | None, typer.Option(help="Name in EHLO; default as --smtp-hello says.", show_default=False)
    ] = None,
    check_gravatar: Annotated[
        bool, typer.Option("--check-gravatar", "--gravatar", help="Also look for a Gravatar.")
    ] = False,
    check_dnsbl: Annotated[
        bool, typer.Option("--check-dnsbl", "--dnsbl", help="Also ask blacklists about the domain.")
    ] = False,
) -> None:
    """Check e-mail addresses up to the mail server's answer; no message is ever sent."""
    if resume and output is None:
        raise InvalidInput("--resume goes on with a file of verdicts: name it with --output.", field="resume")
    settings = context.settings
    options = {
        "smtp_timeout_secs": smtp_timeout_secs,
        "from_email": settings.smtp_from if from_email is None else from_email,
        "hello_name": settings.smtp_hello if hello_name is None else hello_name,
        "check_gravatar": check_gravatar,
        "check_dnsbl": check_dnsbl,
        "smtp_port": settings.smtp_port,
    }
    asked = _rows_of(file, column, emails) if file else None
    run = _Run(context, options, output, resume, asked, settings.verify_retry_delays if wait else [])
    try:
        asyncio.run(run.all(emails or [], file))
    except KeyboardInterrupt:
        if output is not None:
            context.out.note(f"Stopped: {run.so_far()}; --resume goes on with the rest.")
        raise
    if output is not None:
        context.out.note(f"{run.so_far()}.")


def _rows_of(file: Path, column: str | None, emails: list[str] | None) -> tuple[spreadsheet.Spreadsheet, str] | None:
    """The table in ``file`` and its column of addresses, when it is one."""
    if file.suffix.lower() not in spreadsheet.SUFFIXES:
        if column is not None:
            raise InvalidInput("--column needs a .csv or .tsv file.", field="column")
        return None
    if emails:
        raise InvalidInput("Give either a table or addresses, not both.", field="file")
    table = spreadsheet.read(file)
    return table, table.column(column, USUAL_COLUMNS)


class _Run:
    """One call of the command: what is asked, and where verdicts and talk go."""

    def __init__(
        self,
        context: Context,
        options: dict[str, Any],
        output: Path | None,
        resume: bool,
        table: tuple[spreadsheet.Spreadsheet, str] | None,
        delays: list[float],
    ) -> None:
        self._context = context
        self._out = context.out
        self._options = options
        self._output = output
        self._resume = resume
        self._table = table
        self._delays = delays
        self._seen: Counter[str] = Counter()

    async def all(self, emails: list[str], file: Path | None) -> None:
        rows = await self._rows(emails, file)
        alone = len(rows) == 1 and self._output is None
        with ExitStack() as stack:
            log = stack.enter_context(self._journal()) if self._output else None
            waiting: dict[str, list[dict[str, Any]]] = {}
            for row in rows:
                if log is not None and log.holds(row[self._key]):
                    self._seen["before"] += 1
                else:
                    waiting.setdefault(row["email"], []).append(row)
            show = stack.enter_context(self._progress(len(rows)))
            async for verdict in self._verdicts(list(waiting)):
                for row in waiting.pop(verdict["email"]):
                    self._seen.update(addresses=1, **{verdict["status"]: 1})
                    if verdict["sub_status"] == "invalid_syntax" and row.get(LINE):
                        self._out.note(f"Line {row[LINE]}: {verdict['email']!r} is no address. {verdict['reason']}")
                    if log is not None:
                        log.write(self._record(row, verdict))
                    else:
                        self._out.emit(verdict, lambda verdict=verdict: _card(verdict) if alone else _line(verdict))  # type: ignore[misc]
                show(False)
            show(True)

    def so_far(self) -> str:
        seen = self._seen
        counts = ", ".join(f"{seen[status]} {status}" for status in STYLES if seen[status])
        before = f", besides {seen['before']} that were there before" if seen["before"] else ""
        return f"{seen['addresses']} verdicts in {self._output}{f' ({counts})' if counts else ''}{before}"

    @property
    def _key(self) -> str:
        return LINE if self._table else "email"

    async def _rows(self, emails: list[str], file: Path | None) -> list[dict[str, Any]]:
        """Each with its ``email``, and from a table with its line and cells."""
        if self._table is not None:
            table, column = self._table
            return [{LINE: str(row.line), "email": row.cells[column].strip(), "cells": row.cells} for row in table.rows]
        return [{"email": email.strip()} async for email in inputs.read(emails, file, "e-mail addresses")]

    async def _verdicts(self, emails: list[str]) -> Any:
        from orbweave.verify import Verifier, VerifyOptions

        options = VerifyOptions(**self._options)
        if not emails:
            return
        async with network(self._context.settings) as net:
            verifier = Verifier.of(self._context.settings, net)
            for delay in (*self._delays, None):
                again = []
                async for verdict in verifier.check(emails, options):
                    if verdict.greylisted and delay is not None:
                        again.append(verdict.facts.email)
                    else:
                        yield verdict.data()
                if delay is None or not again:
                    return
                self._out.note(f"{len(again)} addresses are greylisted; they are asked again in {delay:g} s.")
                await asyncio.sleep(delay)
                emails = again

    def _journal(self) -> Any:
        assert self._output
        if self._output.suffix.lower() == ".csv":
            return journal.spreadsheet(self._output, self._columns, self._key, resume=self._resume)
        return journal.json_lines(self._output, self._key, resume=self._resume)

    @property
    def _columns(self) -> list[str]:
        """Theirs, without what an earlier run added, then ours."""
        ours = [*([LINE] if self._table else []), *(f"verify_{name}" for name in VERDICT)]
        theirs = self._table[0].columns if self._table else ("email",)
        return [*(name for name in theirs if name not in ours), *ours]

    def _record(self, row: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
        assert self._output
        if self._output.suffix.lower() != ".csv":
            return {**({LINE: row[LINE]} if self._table else {}), **verdict}
        own = {**row["cells"], LINE: row[LINE]} if self._table else {"email": row["email"]}
        return {**own, **{f"verify_{name}": verdict.get(name) for name in VERDICT}}

    @contextmanager
    def _progress(self, total: int) -> Iterator[Any]:
        if self._output is None:
            yield lambda last: None
            return
        with progress.display(self._out) as display:

            def show(last: bool) -> None:
                bars = [progress.Bar("Addresses", self._seen["addresses"] + self._seen["before"], total)]
                bars += [progress.Bar(status.capitalize(), self._seen[status]) for status in STYLES]
                display(bars, last)

            show(False)
            yield show


def _line(verdict: Verdict) -> Text:
    return Text.assemble(
        (f"{verdict['status']:<8}", STYLES.get(verdict["status"], "")),
        f" {verdict['score']:>3}  {plain(verdict['email']):<36} {verdict['sub_status']:<17} ",
        (plain(verdict.get("reason")), "dim"),
    )


def _card(verdict: Verdict) -> Table:
    domain = verdict["domain"]
    flags = [name.removeprefix("is_").replace("_", " ") for name, value in verdict["flags"].items() if value]
    facts = [
        ("verdict", Text(f"{verdict['status']}, {verdict['sub_status']}", STYLES.get(verdict["status"], ""))),
        ("why", verdict.get("reason")),
        ("score", f"{verdict['score']} of 100, {verdict['quality']}"),
        ("did you mean", verdict["did_you_mean"]),
        ("flags", ", ".join(flags)),
        ("mail servers", domain["mx_records"]),
        ("provider", domain["smtp_provider"]),
        ("gravatar", verdict.get("gravatar_url")),
        ("blacklists", (verdict.get("dnsbl") or {}).get("blacklists_hit")),
        ("dialogue", [f"> {one['command']}\n< {one['reply']}" for one in verdict.get("transcript") or ()]),
    ]
    return card(verdict["email"], facts)
