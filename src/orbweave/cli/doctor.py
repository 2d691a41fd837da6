"""``orbweave doctor``: what is and what isn't ready. Each check tries the thing itself."""

from __future__ import annotations

import asyncio
import resource
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.text import Text

from orbweave import config
from orbweave.cli.command import MAIL, Context, command
from orbweave.cli.network import network
from orbweave.config import Settings
from orbweave.errors import InvalidInput, OrbweaveError
from orbweave.user_agent import HOW_TO_SET

if TYPE_CHECKING:
    from orbweave.store.database import Database

PATIENCE = 5.0
"""Seconds a check of the network may take."""
KNOWN_DOMAIN = "gmail.com"
NEEDED, COMFORTABLE = 500 * 2**20, 2 * 2**30
DESCRIPTORS = 4096
OLD = timedelta(days=90)

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was found and, unless it is well, what to do about it."""

    name: str
    status: Literal["ok", "warn", "fail"]
    message: str
    fix: str | None = None


def register(app: typer.Typer) -> None:
    command(
        app,
        "doctor",
        options=("home", *MAIL, "browser_path"),
        examples=["orbweave doctor", "orbweave doctor --offline", "orbweave doctor --json | grep fail"],
    )(doctor)


def doctor(
    context: Context,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no name server and no mail server.")] = False,
) -> None:
    """Check what Orbweave needs; exit code 1 when something that it cannot do without is missing."""

    async def run() -> list[Check]:
        checks = []
        async for check in diagnose(context.settings, offline=offline, on_progress=context.out.note):
            context.out.emit(check, lambda check=check: line(check))  # type: ignore[misc]
            checks.append(check)
        return checks

    if any(check.status == "fail" for check in asyncio.run(run())):
        raise typer.Exit(1)


def line(check: Check) -> Text:
    text = Text.assemble((f"{check.status:<4}", STYLES[check.status]), f"  {check.name:<14} {check.message}")
    return text.append(f"\n{'':<21}→ {check.fix}", style="dim") if check.fix else text


async def diagnose(
    settings: Settings, *, offline: bool, on_progress: Callable[[str], None] | None = None
) -> AsyncIterator[Check]:
    """Every check, in an order in which a later failure may follow from an earlier one."""
    yield configuration(settings)
    yield disk(settings.home)
    yield descriptors()
    async for check in database(settings, on_progress):
        yield check
    yield data()
    yield mail_lists(settings)
    yield await bounded("dns", dns, settings, offline)
    yield await bounded("port 25", mail, settings, offline)
    yield await bounded("mail name", mail_name, settings, offline)
    yield await browser(settings)


def configuration(settings: Settings) -> Check:
    unknown = config.unknown_variables()
    if unknown:
        name, meant = next(iter(unknown.items()))
        return Check("settings", "warn", f"{name} sets nothing.", f"Did you mean {meant}?" if meant else "Unset it.")
    if not settings.reachable:
        return Check(
            "settings",
            "warn",
            "The User-Agent does not say where site owners can reach you, so public websites are not crawled.",
            HOW_TO_SET,
        )
    return Check("settings", "ok", "All settings are usable.")


def disk(home: Path) -> Check:
    there = next(path for path in (home, *home.parents) if path.exists())
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        return Check(
            "disk", "fail", f"Cannot read {there}: {error.strerror}.", "Set ORBWEAVE_HOME to a folder of yours."
        )
    message = f"{free / 2**30:.1f} GB free for {home}."
    if free < NEEDED:
        return Check("disk", "fail", message, "Free some space, or set ORBWEAVE_HOME to a larger disk.")
    if free < COMFORTABLE:
        return Check("disk", "warn", message, "A large campaign needs a few GB; set ORBWEAVE_HOME to a larger disk.")
    return Check("disk", "ok", message)


def descriptors() -> Check:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return Check("open files", "ok", "No limit.")
    if soft < DESCRIPTORS:
        return Check("open files", "warn", f"A process may open {soft} files.", f"ulimit -n {2 * DESCRIPTORS}")
    return Check("open files", "ok", f"A process may open {soft} files.")


async def database(settings: Settings, on_progress: Callable[[str], None] | None) -> AsyncIterator[Check]:
    from orbweave.store import counters
    from orbweave.store.database import open_database

    kind = "embedded" if settings.database_url is None else "external"
    try:
        db = await open_database(settings, on_progress=on_progress)
    except OrbweaveError as error:
        yield Check("database", "fail", str(error))
        return
    async with db:
        version = await db.pool.fetchval("show server_version")
        yield Check("database", "ok", f"PostgreSQL {version} ({kind}) answers, its schema is current.")
        wrong = await counters.differences(db)
        if wrong:
            first = wrong[0]
            yield Check(
                "counters",
                "fail",
                f"{len(wrong)} counters differ from their rows; {first['campaign_id']}: {first['counter']} says "
                f"{first['counted']}, rows say {first['actual']}.",
                "Report this with the output of `orbweave doctor --json`.",
            )
        else:
            yield Check("counters", "ok", "Every campaign's counters equal its rows.")
        if found := await imports(db):
            yield found


async def imports(db: Database) -> Check | None:
    """The countries imported and the day of their data, or else of their import."""
    from orbweave.store import places

    days: dict[str, date] = {}
    for country in await places.current(db.pool):
        for of in country.datasets:
            day = _day(of.version) or of.imported_at.date()
            days[country.country_code] = min(day, days.get(country.country_code, day))
    if not days:
        return None
    message = f"Imported: {', '.join(f'{code} ({day})' for code, day in days.items())}."
    today = datetime.now(UTC).date()
    if old := [code for code, day in days.items() if today - day > OLD]:
        return Check(
            "imports",
            "warn",
            f"{message} {', '.join(old)}: older than {OLD.days} days.",
            f"orbweave places update {' '.join(old)}",
        )
    return Check("imports", "ok", message)


def _day(version: str | None) -> date | None:
    try:
        return date.fromisoformat((version or "")[:10])
    except ValueError:
        return None


def data() -> Check:
    from orbweave import locations
    from orbweave.maps import packaged

    dates = (f"{code} ({packaged.extract(code).header['data_date'][:10]})" for code in sorted(packaged.countries()))
    places = sum(1 for code in locations.countries() if locations.load(code))
    return Check("data", "ok", f"Places of {places} countries, businesses of {', '.join(dates)}.")


async def dns(settings: Settings) -> Check:
    from orbweave.net import NameNotFound, NetError

    where = ", ".join(settings.nameservers) or "the system's resolver"
    async with network(settings) as net:
        try:
            await net.addresses(KNOWN_DOMAIN)
        except NameNotFound:
            return Check("dns", "ok", f"Answers from {where}, which does not know {KNOWN_DOMAIN}.")
        except NetError as error:
            return Check("dns", "fail", f"No answer from {where}: {error}", NAMESERVERS)
    return Check("dns", "ok", f"Answers from {where}.")


async def mail(settings: Settings) -> Check:
    """Connects to large providers' mail servers, by the way verification takes, and leaves again with QUIT."""
    from orbweave.verify.dial import Dialler, try_providers

    async with network(settings) as net:
        tried = await try_providers(net, Dialler.of(settings), settings.smtp_port, 0.8 * PATIENCE)
    if not tried:
        return Check("port 25", "warn", "Not tried: the DNS here knows no large provider's mail server.")
    if welcome := [one.server for one in tried if one.text.startswith("220")]:
        return Check("port 25", "ok", f"{', '.join(dict.fromkeys(welcome))} greets us.")
    if connected := [one for one in tried if one.connected]:
        return Check("port 25", "warn", f"{connected[0].server} does not welcome us: {connected[0].text}.", PORT_25)
    return Check("port 25", "warn", f"{tried[0].server} cannot be reached ({tried[0].text}).", PORT_25)


async def mail_name(settings: Settings) -> Check:
    """What mail servers look up about who asks them: does the name lead to an address, the address back to the name,
    and may it send for the sender's domain?"""
    from orbweave.net import NetError
    from orbweave.verify.identity import faults
    from orbweave.verify.verifier import own_name

    name = settings.smtp_hello or own_name()
    if not name:
        return Check("mail name", "warn", "This machine has no name that others can look up.", HELLO)
    async with network(settings) as net:
        try:
            found = await faults(net, name, settings.smtp_from)
        except NetError as error:
            return Check("mail name", "warn", f"{name} could not be looked up: {error}", HELLO)
    if found:
        return Check("mail name", "warn", " ".join(found), HELLO)
    return Check("mail name", "ok", f"{name} leads to an address and back, and has an SPF record.")


def mail_lists(settings: Settings) -> Check:
    from orbweave.verify.list_folder import ListFolder

    editions = ListFolder(settings.home / "lists").editions()
    return Check("lists", "ok", f"{', '.join(f'{one.name} {one.entries} ({one.edition})' for one in editions)}.")


async def browser(settings: Settings) -> Check:
    from orbweave.site.render import HOW_TO_GET, Browser, RenderError

    if not settings.browser_pages:
        return Check("browser", "ok", "Not used (browser_pages is 0).")
    if settings.browser_path is None and Browser.find() is None:
        return Check("browser", "ok", f"None; pages that need JavaScript are read without it. {HOW_TO_GET}")
    try:
        async with network(settings) as net, Browser.of(net, settings) as browser:
            return Check("browser", "ok", f"{browser.path} starts: {await browser.version()}.")
    except (InvalidInput, RenderError) as error:
        return Check("browser", "warn", str(error), "Until then pages that need JavaScript are read without it.")


NAMESERVERS = (
    "Real campaigns need DNS: set ORBWEAVE_NAMESERVERS, or connect this machine. `orbweave demo` works without."
)
PORT_25 = (
    "Verdicts will be unknown/smtp_unreachable, never invalid: most home and cloud networks block port 25. Run "
    "`orbweave worker` where it is open, or set ORBWEAVE_SMTP_PROXY or ORBWEAVE_SMTP_SOURCE (docs/port-25.md)."
)
HELLO = "Many servers refuse strangers whose name does not fit: set ORBWEAVE_SMTP_HELLO (docs/port-25.md)."
FIXES = {"dns": NAMESERVERS, "port 25": PORT_25, "mail name": HELLO}


async def bounded(name: str, check: Callable[[Settings], Awaitable[Check]], settings: Settings, offline: bool) -> Check:
    """A check of the network that ends in time, or is not made at all."""
    if offline:
        return Check(name, "ok", "Not tried (--offline).")
    try:
        return await asyncio.wait_for(check(settings), PATIENCE)
    except TimeoutError:
        return Check(name, "fail" if name == "dns" else "warn", f"No answer within {PATIENCE:.0f} s.", FIXES[name])
