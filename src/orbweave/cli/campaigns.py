"""``orbweave campaigns``: what the HTTP API says of campaigns, as tables or as it is."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

import typer

from orbweave.cli import leads, local
from orbweave.cli.client import CAMPAIGNS, Api, campaign
from orbweave.cli.command import API, Context, command
from orbweave.cli.output import card, table
from orbweave.errors import InvalidInput, SetupError

ID = "camp_li_restaurants_20260101_0123abcd"
SUFFIXES = {".csv": "csv", ".jsonl": "jsonl"}

CampaignId = Annotated[str, typer.Argument(metavar="CAMPAIGN_ID", help="As `campaigns list` shows it.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Campaigns of a running server.", no_args_is_help=True)
    app.add_typer(group, name="campaigns")
    for function, name, examples in (
        (list_campaigns, "list", ["orbweave campaigns list", "orbweave campaigns list --status active --json"]),
        (status, "status", [f"orbweave campaigns status {ID}"]),
        (next_location, "next", [f"orbweave campaigns next {ID}"]),
        (stop, "stop", [f"orbweave campaigns stop {ID}"]),
        (continue_campaign, "continue", [f"orbweave campaigns continue {ID}"]),
        (results, "results", [f"orbweave campaigns results {ID} --min-valid-emails 1 --json"]),
        (export, "export", [f"orbweave campaigns export {ID} -o leads.csv", f"orbweave campaigns export {ID} | head"]),
    ):
        command(group, name, options=API, examples=examples)(function)


def list_campaigns(
    context: Context,
    status: Annotated[
        Literal["active", "paused", "completed", "stopped"] | None, typer.Option(help="Only those.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="Only of this country code.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Campaigns at most.")] = 100,
) -> None:
    """List campaigns, newest first."""
    filters: dict[str, Any] = {
        name: value for name, value in (("status", status), ("country_code", country)) if value is not None
    }
    with local.connect(context.settings) as api:
        pages = api.pages(CAMPAIGNS, "campaigns", **filters)
        found = [campaign for _, campaign in zip(range(limit), pages, strict=False)]
    rows = [
        (
            c["campaign_id"],
            c["status"],
            c["query"],
            c["country_code"],
            f"{c['completed_locations']}/{c['total_locations']}",
        )
        for c in found
    ]
    context.out.emit(found, lambda: table(("Campaign", "Status", "Query", "Country", "Locations"), rows))


def status(context: Context, campaign_id: CampaignId) -> None:
    """Show how far a campaign is."""
    with local.connect(context.settings) as api:
        answer = api.get(campaign(campaign_id, "status"))
    context.out.emit(answer, lambda: card(campaign_id, _facts(answer)))


def next_location(context: Context, campaign_id: CampaignId) -> None:
    """Submit the next location of a campaign that is dispatched by hand."""
    with local.connect(context.settings) as api:
        answer = api.post(campaign(campaign_id, "next"))
    task = answer["current_task"]
    context.out.emit(
        answer,
        lambda: (
            f"Submitted {task['search_string']}." if task else f"Nothing to submit: the campaign is {answer['status']}."
        ),
    )


def stop(context: Context, campaign_id: CampaignId) -> None:
    """Stop a campaign: what was submitted runs on, nothing new starts."""
    _post(context, campaign_id, "stop")


def continue_campaign(context: Context, campaign_id: CampaignId) -> None:
    """Continue a stopped or paused campaign."""
    _post(context, campaign_id, "continue")


def results(
    context: Context,
    campaign_id: CampaignId,
    pending: Annotated[bool, typer.Option("--pending", help="Also businesses still being worked on.")] = False,
    min_valid_emails: Annotated[int | None, typer.Option(min=0, help="Only businesses with so many.")] = None,
) -> None:
    """Show the businesses of a campaign with their contacts."""
    filters: dict[str, Any] = {"include_pending": str(pending).lower()}
    if min_valid_emails is not None:
        filters["min_valid_emails"] = min_valid_emails
    found = []
    with local.connect(context.settings) as api:
        for business in leads.results(api, campaign_id, **filters):
            if context.out.json:
                context.out.emit(business, str)
            else:
                found.append(business)
    if not context.out.json:
        context.out.emit(found, lambda: leads.table(found))
        context.out.note(leads.summary(found))


def export(
    context: Context,
    campaign_id: CampaignId,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write; default stdout.")] = None,
    format: Annotated[
        Literal["csv", "jsonl"] | None, typer.Option("--format", help="Default: as the file is called, else csv.")
    ] = None,
) -> None:
    """Write all leads of a campaign to a file or to stdout."""
    chosen = format or (format_of(output) if output else "csv")
    with local.connect(context.settings) as api:
        if output is None:
            save(api, campaign_id, chosen, sys.stdout.buffer)
            return
        save_file(api, campaign_id, chosen, output)
    context.out.emit({"campaign_id": campaign_id, "format": chosen, "file": str(output)}, lambda: f"Wrote {output}.")


def format_of(path: Path) -> str:
    """The export format a file's name asks for. InvalidInput when there is none such."""
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError:
        raise InvalidInput(
            f"{path} should end in {' or '.join(SUFFIXES)}, or say --format.", field="--output"
        ) from None


def check_writable(path: Path) -> None:
    """SetupError before the work is done rather than after it."""
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK) or path.is_dir():
        raise SetupError(
            f"Cannot write {path}: its folder is not there or not yours to write, or it is a folder itself."
        )


def save_file(api: Api, campaign_id: str, format: str, path: Path) -> None:
    """The export as a file, which is there whole or not at all."""
    with whole_file(path) as stream:
        save(api, campaign_id, format, stream)


def save(api: Api, campaign_id: str, format: str, stream: BinaryIO) -> None:
    with api.stream(campaign(campaign_id, "export"), format=format) as response:
        for chunk in response.iter_bytes():
            stream.write(chunk)
    stream.flush()


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise SetupError(f"Cannot write {path}: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _post(context: Context, campaign_id: str, verb: str) -> None:
    with local.connect(context.settings) as api:
        answer = api.post(campaign(campaign_id, verb))
    context.out.emit(answer, lambda: f"{answer['message']} Status: {answer['status']}.")


def _facts(answer: dict[str, Any]) -> list[tuple[str, Any]]:
    progress, workflow = answer["progress"], answer.get("workflow_progress")
    facts = [
        ("status", answer["status"]),
        ("why", answer.get("pause_reason")),
        ("query", f"{answer['query']} in {answer['country_code']}"),
        (
            "locations",
            f"{progress['completed'] + progress['failed']} of {progress['total']} ({progress['percentage']} %)",
        ),
        ("failed", progress["failed"] or None),
        ("businesses", answer["results_count"]),
    ]
    if workflow:
        facts += [
            ("with website", workflow["businesses_total"]),
            ("sites", _stage(workflow, "sites")),
            ("verifications", _stage(workflow, "verifies")),
            ("e-mails", f"{workflow['emails_found']} found, {workflow['emails_verified']} verified"),
        ]
    return facts


def _stage(workflow: dict[str, Any], stage: str) -> str:
    return ", ".join(f"{workflow[f'{stage}_{state}']} {state}" for state in ("completed", "failed", "queued"))
