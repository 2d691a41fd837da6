"""``orbweave places``: map data of whole countries, on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Group

from orbweave.cli.command import NETWORK, Context, command
from orbweave.cli.network import network
from orbweave.cli.output import card, table
from orbweave.cli.progress import Bar, display
from orbweave.errors import InvalidInput, NotFound, OrbweaveError, Unavailable

if TYPE_CHECKING:
    from orbweave.config import Settings
    from orbweave.net import Network
    from orbweave.places.importing import Imported, Progress
    from orbweave.store.database import Database

NOTHING = "Nothing was imported; `orbweave places add COUNTRY` does it."

T = TypeVar("T")
What = Annotated[str, typer.Argument(help="A country (LI, Liechtenstein), a file (.osm.pbf) or an address of one.")]
Code = Annotated[str, typer.Argument(help="A country: LI, Liechtenstein.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Map data of whole countries: add, update, look, remove.", no_args_is_help=True)
    app.add_typer(group, name="places")
    command(
        group,
        "add",
        options=("home", "extracts_url", "overture_url", *NETWORK),
        examples=[
            "orbweave places add liechtenstein",
            "orbweave places add AT --keep",
            "orbweave places add LI --source overture",
            "orbweave places add ~/Downloads/monaco-latest.osm.pbf",
        ],
    )(add)
    command(group, "list", options=("home",), examples=["orbweave places list"])(list_)
    command(group, "stats", options=("home",), examples=["orbweave places stats LI"])(stats)
    command(
        group,
        "update",
        options=("home", "extracts_url", *NETWORK),
        examples=["orbweave places update LI", "orbweave places update --all"],
    )(update)
    command(group, "remove", options=("home",), examples=["orbweave places remove LI"])(remove)


def add(
    context: Context,
    what: What,
    country: Annotated[
        str | None, typer.Option("--country", "-c", help="Whose places; default the countries whose border it holds.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the file, so that updates are small.")] = False,
    source: Annotated[str, typer.Option(help="openstreetmap or overture.")] = "openstreetmap",
    origin: Annotated[
        str | None, typer.Option("--from", help="Overture: folder or file of GeoParquet; default the public bucket.")
    ] = None,
    release: Annotated[str | None, typer.Option(help="Overture: which release; default the newest.")] = None,
    confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Overture: leave out records less sure than this.")
    ] = 0.5,
) -> None:
    """Import every business of a country; what is there stays in use until all is in."""
    from orbweave.places import kept

    if source == "overture":
        code = _code(country or what)

        async def read(db: Database, net: Network, progress: Progress) -> list[Imported]:
            return await kept.add_overture(
                db, net, context.settings, code,
                origin=origin, release=release, confidence=confidence, progress=progress,
            )  # fmt: skip

        for one in _at_work(context, read):
            _tell(context, one)
        return
    if source != "openstreetmap":
        raise InvalidInput("--source is openstreetmap or overture.", field="--source")
    if origin or release:
        raise InvalidInput("--from and --release go with --source overture.", field="--from")
    of = kept.wanted(what, _code(country) if country else None, context.settings)

    async def run(db: Database, net: Network, progress: Progress) -> list[Imported]:
        return await kept.add(db, net, context.settings, of, keep=keep, progress=progress)

    for one in _at_work(context, run):
        _tell(context, one)


def update(
    context: Context,
    countries: Annotated[list[str] | None, typer.Argument(help="Countries: LI, Liechtenstein.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that were imported.")] = False,
) -> None:
    """Bring imported countries up to date, by diffs where the extract was kept."""
    from orbweave.places import kept
    from orbweave.store import places as store

    if bool(countries) == every:
        raise InvalidInput("Name countries, or give --all.", field="countries")

    if not _has_database(context.settings):
        raise NotFound(NOTHING)

    async def run(db: Database, net: Network, progress: Progress) -> None:
        codes = [_code(text) for text in countries or ()]
        if every:
            codes = [each.country_code for each in await store.current(db.pool)]
        if not codes:
            raise NotFound(NOTHING)
        failed: list[str] = []
        for code in codes:
            try:
                done = await kept.update(db, net, context.settings, code, progress=progress)
            except OrbweaveError as error:
                if len(codes) == 1:
                    raise
                context.out.error(str(error))
                failed.append(code)
            else:
                context.out.note(done.how)
                for imported in done.imported:
                    _tell(context, imported)
        if failed:
            raise Unavailable(f"Not updated: {', '.join(failed)}.")

    _at_work(context, run)


def list_(context: Context) -> None:
    """Show which countries there are, from where and of when."""
    from orbweave.locations import countries
    from orbweave.maps import packaged
    from orbweave.places.sources import mark
    from orbweave.store import places as store

    async def run(db: Database) -> list[dict[str, Any]]:
        current = await store.current(db.pool)
        mark(context.settings, [each.country_code for each in current])
        return [
            {
                **asdict(of),
                "origin": of.origin.partition("?")[0],
                "country": each.country_code,
                "name": countries()[each.country_code],
                "total": each.places,
            }
            for each in current
            for of in each.datasets
        ]

    rows = _local(context, run) if _has_database(context.settings) else []
    for code in sorted(packaged.countries() - {row["country"] for row in rows}):
        header = packaged.extract(code).header
        rows.append(
            {
                "country": code,
                "name": countries()[code],
                "total": header["places"],
                "places": header["places"],
                "source": "openstreetmap",
                "version": header["data_date"],
                "origin": "in the package",
                "imported_at": None,
            }
        )
    if context.out.json:
        for row in rows:
            context.out.emit(row, str)
        return
    shown = [
        (row["country"], row["name"], f"{row['total']:,}", row["source"], _age(row["version"]), row["origin"])
        for row in rows
    ]
    context.out.emit(rows, lambda: table(("", "country", "places", "source", "data of", "from"), shown))


def stats(context: Context, country: Code) -> None:
    """Count what there is of a country: by kind, by location, and how much of it can be reached."""
    from orbweave.places import kept

    code = _code(country)

    async def run(db: Database) -> dict[str, Any]:
        return await kept.stats(db, code)

    found = _of_imported(context, code, run)
    total, shares = found["places"] or 1, found["locations"]
    facts = [
        ("places", f"{found['places']:,}"),
        *(
            (name, f"{found[f'with_{name}']:,} ({found[f'with_{name}'] / total:.0%})")
            for name in ("website", "phone", "email")
        ),
        ("on disk", f"{found['bytes'] / 2**20:.1f} MB"),
    ]
    context.out.emit(
        found,
        lambda: Group(
            card(code, facts),
            table(("kind", "places"), [(one["kind"], one["places"]) for one in found["kinds"]]),
            table(("location", "places"), [(one["name"] or one["location_id"], one["places"]) for one in shares]),
        ),
    )


def remove(context: Context, country: Code) -> None:
    """Remove what was imported of a country; searches that run end with what they have."""
    from orbweave.places import kept

    code = _code(country)

    async def run(db: Database) -> None:
        await kept.remove(db, context.settings, code)

    _of_imported(context, code, run)
    context.out.emit({"removed": code}, lambda: f"Removed the imported places of {code}.")


def _tell(context: Context, one: Imported) -> None:
    from orbweave.locations import countries

    more = [
        f"{one.duplicates:,} mapped twice" * bool(one.duplicates),
        f"{one.outside:,} beyond the border" * bool(one.outside),
    ]
    more += [f"{count:,} bad {field} dropped" for field, count in sorted(one.dropped.items())]
    told = ", ".join(filter(None, more))
    context.out.emit(
        asdict(one),
        lambda: f"{countries()[one.country]}: {one.places:,} places" + (f" ({told})." if told else "."),
    )


def _code(country: str) -> str:
    from orbweave.locations import countries, country_called, country_code

    if country.strip().upper() in countries():  # "AO" is Angola, though some call Austria so
        return country_code(country)
    return country_called(country) or country_code(country)


def _age(version: str | None) -> str:
    try:
        day = date.fromisoformat((version or "")[:10])
    except ValueError:
        return version or "not told"
    return f"{day} ({(datetime.now(UTC).date() - day).days} days ago)"


def _has_database(settings: Settings) -> bool:
    """Looking must not make one."""
    from orbweave.store.embedded import EmbeddedPostgres

    return settings.database_url is not None or EmbeddedPostgres(settings.home).data.is_dir()


def _of_imported(context: Context, country: str, work: Callable[[Database], Awaitable[T]]) -> T:
    from orbweave.places import kept

    if not _has_database(context.settings):
        raise kept.not_imported(country)
    return _local(context, work)


def _local(context: Context, work: Callable[[Database], Awaitable[T]]) -> T:
    from orbweave.store.database import open_database

    async def run() -> T:
        async with await open_database(context.settings, on_progress=context.out.note) as db:
            return await work(db)

    return asyncio.run(run())


def _at_work(context: Context, work: Callable[[Database, Network, Progress], Awaitable[T]]) -> T:
    """With the database, the network and bars."""
    with display(context.out) as show:

        def progress(what: str, done: int, total: int | None) -> None:
            unit, name = (1 << 20, "megabytes") if what == "downloading" else (1, what)
            show([Bar(name, done // unit, total and max(1, total // unit))], done == total)

        async def run(db: Database) -> T:
            async with network(context.settings) as net:
                return await work(db, net, progress)

        return _local(context, run)
