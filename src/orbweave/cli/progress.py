"""How far long work is, live on stderr: bars on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from orbweave.cli.client import Api, campaign
from orbweave.cli.output import Output, write_json
from orbweave.errors import Unavailable

INTERVAL = 1.0
PATIENCE = 30.0
"""Seconds a server may give no answer before we give up on it."""
QUIET = 2.0
"""Seconds between two lines where there is no terminal."""


class Bar(NamedTuple):
    name: str
    done: int
    total: int | None = None


Show = Callable[[list[Bar], bool], None]
"""Called with the bars as they stand, and whether this is the last time."""


def bars(status: dict[str, Any]) -> list[Bar]:
    """The bars of a status answer (contract 3.3)."""
    progress, workflow = status["progress"], status.get("workflow_progress")
    shown = [Bar("Locations", progress["completed"] + progress["failed"], progress["total"])]
    if workflow:
        for name, stage in (("Websites", "sites"), ("Verifications", "verifies")):
            done = workflow[f"{stage}_completed"] + workflow[f"{stage}_failed"]
            shown.append(Bar(name, done, done + workflow[f"{stage}_queued"]))
        shown.append(Bar("E-mails", workflow["emails_verified"], workflow["emails_found"]))
    return shown


def watch(api: Api, campaign_id: str, out: Output) -> dict[str, Any]:
    """Show the campaign's progress until it is neither active nor being worked on; its last status."""
    with display(out) as show:
        silent_since: float | None = None
        while True:
            try:
                status = api.get(campaign(campaign_id, "status"))
            except Unavailable:
                now = time.monotonic()
                silent_since = silent_since or now
                if now - silent_since > PATIENCE:
                    raise
            else:
                silent_since = None
                show(bars(status), ended(status))
                if ended(status):
                    return status
            time.sleep(INTERVAL)


def ended(status: dict[str, Any]) -> bool:
    """Completed, or stopped or paused with nothing left that was submitted before."""
    if status["status"] == "active":
        return False
    workflow = status.get("workflow_progress") or {"sites_queued": 0, "verifies_queued": 0}
    return not (status["progress"]["submitted"] or workflow["sites_queued"] or workflow["verifies_queued"])


@contextmanager
def display(out: Output) -> Iterator[Show]:
    if out.json or not out.stderr.is_terminal:
        yield _lines(out)
        return
    columns = (
        TextColumn("{task.description:<14}"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
    )  # fmt: skip
    with Progress(*columns, console=out.stderr) as progress:
        tasks: dict[str, Any] = {}

        def show(current: list[Bar], last: bool) -> None:
            for bar in current:
                if bar.name not in tasks:
                    tasks[bar.name] = progress.add_task(bar.name, total=None)
                progress.update(tasks[bar.name], completed=bar.done, total=bar.total or None)

        yield show


def _lines(out: Output) -> Show:
    shown: list[Bar] = []
    next_at = 0.0

    def show(current: list[Bar], last: bool) -> None:
        nonlocal shown, next_at
        now = time.monotonic()
        if current == shown or (now < next_at and not last):
            return
        shown, next_at = current, now + QUIET
        if out.json:
            write_json(sys.stderr, {"progress": {bar.name.lower(): [bar.done, bar.total] for bar in current}})
        else:
            out.note(
                " · ".join(
                    f"{bar.name.lower()} {bar.done}{'' if bar.total is None else f'/{bar.total}'}" for bar in current
                )
            )

    return show
