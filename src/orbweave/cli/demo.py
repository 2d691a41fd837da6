"""``orbweave demo``: a whole campaign on this machine alone."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel

from orbweave.cli import campaigns, leads, local, run
from orbweave.cli.children import Child
from orbweave.cli.client import CAMPAIGNS, Api
from orbweave.cli.command import Context, command
from orbweave.errors import SetupError

QUERY, COUNTRY = "restaurants", "LI"
BANNER = (
    "Demo: no real site is contacted. The businesses are real (© OpenStreetMap contributors, ODbL);\n"
    "their websites and mail servers are practice servers on this machine, what they say is made up."
)
SHOWN = 25


def register(app: typer.Typer) -> None:
    command(
        app,
        "demo",
        options=("home", "port", "workers"),
        examples=["orbweave demo", "orbweave demo --exit", "orbweave demo --port 9000 -o /tmp/leads.csv"],
    )(demo)


def demo(
    context: Context,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the leads go: .csv or .jsonl.")] = Path(
        "leads.csv"
    ),
    leave: Annotated[bool, typer.Option("--exit", help="End when the campaign has.")] = False,
) -> None:
    """Run the campaign "restaurants" in Liechtenstein against a practice internet on this machine.

    It goes through everything the real one does. Its data is apart from yours, in demo/ of the data folder.
    """
    out = context.out
    format = campaigns.format_of(output)
    campaigns.check_writable(output)
    stays = not leave and not out.json and sys.stdin.isatty() and sys.stdout.isatty()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    _banner(context)
    with _server(context) as (api, server):
        body = {
            "query": QUERY,
            "country_code": COUNTRY,
            "name": "Demo",
            "dispatch": {"mode": "auto"},
            "workflow": run.workflow(site=True, verify=True, max_pages=10),
        }
        status, found = run.follow(context, api, body)
        campaigns.save_file(api, status["campaign_id"], format, output)
        if out.json:
            for lead in found:
                out.emit(lead, str)
        else:
            out.emit(found, lambda: leads.table(found, SHOWN))
            more = sum(map(leads.has_contact, found)) - SHOWN
            if more > 0:
                out.note(f"… and {more} more in {output}.")
            out.note(leads.summary(found))
            out.note(f"Wrote {output}: {len(found)} leads.")
        good = status["status"] == "completed" and any(lead["valid_emails_count"] for lead in found)
        if not good:
            raise SetupError(
                f"The campaign ended as {status['status']} without a verified e-mail; see {_home(context)}."
            )
        if stays:
            _next_steps(context, api, status["campaign_id"])
        if stays and server is not None:
            _serve(server)


@contextlib.contextmanager
def _server(context: Context) -> Iterator[tuple[Api, Child | None]]:
    """The demo's server and its process; None where another demo keeps it running."""
    home, settings, out = _home(context), context.settings, context.out
    running = local.find(home)
    if running is not None:
        out.note(f"The server of another demo is running, using it: {running.url} (process {running.pid}).")
        with Api(running.url, local.read_token(home) or "") as api:
            yield api, None
        return
    port = next((port for port in _ports(settings.port) if local.is_free("127.0.0.1", port)), 0)
    if port != settings.port:
        out.note(f"Port {settings.port} is taken; the server gets {f'port {port}' if port else 'a free one'}.")
    for folder in (settings.home, home):
        local.make(folder)
    out.note("Starting the practice internet.")
    with Child(["practice", "--country", COUNTRY, "--home", str(home)], {}, home / "practice.log") as practice:
        environment = {
            **practice.ready(),
            # Empty takes back what a file sets: workers on the user's own database would meet the practice internet.
            "DATABASE_URL": "",
            "ORBWEAVE_DATABASE_URL": "",
            "ORBWEAVE_HOST": "127.0.0.1",
            "ORBWEAVE_WORKERS": str(settings.workers),
        }
        out.note("Starting the server (the first start makes the database).")
        with local.start(home, port, environment) as (api, child):
            out.note(f"The server is at {api.url}.")
            yield api, child


def _ports(first: int) -> range:
    return range(first, min(first + 20, 65536))


def _home(context: Context) -> Path:
    return context.settings.home / "demo"


def _banner(context: Context) -> None:
    if context.out.json:
        context.out.note(BANNER.replace("\n", " "))
    else:
        context.out.stderr.print(Panel(BANNER, expand=False))


def _serve(server: Child) -> None:
    """Until Ctrl-C, which is how it is meant to end."""
    with contextlib.suppress(KeyboardInterrupt):
        server.wait()


def _next_steps(context: Context, api: Api, campaign_id: str) -> None:
    home = shlex.quote(str(_home(context)))
    if home.startswith(f"{Path.home()}/"):
        home = f"~{home.removeprefix(str(Path.home()))}"
    context.out.note(
        f"\nThe server at {api.url} runs until Ctrl-C. Try next, in another terminal:\n"
        f"  {program()} campaigns status {campaign_id} --home {home}\n"
        f'  curl -H "Authorization: Bearer $(cat {home}/token)" {api.url}/api/v1{CAMPAIGNS}\n'
        f"  {program()} run {QUERY} --country {COUNTRY} -o {COUNTRY.lower()}.csv   # the same on the real internet\n"
    )


def program() -> str:
    """How to call this command again: its name when it is on the PATH, else the way to it."""
    called = Path(sys.argv[0])
    on_path = shutil.which("orbweave")
    if called.name != "orbweave":
        return "orbweave" if on_path else f"{sys.executable} -m orbweave.cli"
    if on_path and os.path.samefile(on_path, called):
        return "orbweave"
    near = os.path.relpath(called)
    return str(called.absolute()) if near.startswith(os.pardir) else near
