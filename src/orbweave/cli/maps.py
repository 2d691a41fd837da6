"""``orbweave maps``: businesses from open map data; without a database unless places were imported into one."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orbweave.cli.command import NETWORK, Context, command
from orbweave.cli.place_files import SUFFIXES, PlaceFile, made, opened
from orbweave.cli.place_table import PlaceTable
from orbweave.errors import InvalidInput

if TYPE_CHECKING:
    from orbweave.cli.place_map import PlaceMap
    from orbweave.maps import Interpretation, Plan, SearchRequest, Sources

SHOWN = 20
"""Rows of a table where none are asked for."""
DRAWINGS = (".html", ".png")
_PAUSE = 64
"""Places after which the rest of the program, Ctrl-C above all, gets its turn."""


def register(app: typer.Typer) -> None:
    command(
        app,
        "maps",
        options=("home", *NETWORK),
        examples=[
            'orbweave maps bakery --in "Andorra la Vella"',
            'orbweave maps "restaurants in Monaco" --max-results 100 --json',
            "orbweave maps hotels --country AD -o hotels.csv --map hotels.html",
            'orbweave maps "sushi" --in Vaduz --radius 5000 --geojson',
            'orbweave maps "zubař v Brně" --lang cs --explain',
        ],
    )(maps)


def maps(
    context: Context,
    query: Annotated[str, typer.Argument(help="What to look for, in any language the dictionary knows.")],
    place: Annotated[str | None, typer.Option("--in", help='Where: "Vaduz, Liechtenstein", "Vaduz" or "AD".')] = None,
    country: Annotated[str | None, typer.Option("--country", "-c", help="Country code; alone: all of it.")] = None,
    radius: Annotated[int | None, typer.Option(help="Metres round the place, instead of the place's own area.")] = None,
    max_results: Annotated[
        int | None, typer.Option(min=1, help="Businesses at most; default 20 in a table, else all.")
    ] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the query and of what is shown, such as de.")] = None,
    source: Annotated[
        str | None, typer.Option(help="Where from: imported, embedded, overpass or a plug-in; default the best.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Results as CSV.")] = False,
    geojson: Annotated[bool, typer.Option("--geojson", help="Results as GeoJSON.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Into this file: .csv, .jsonl, .geojson, .html or .png.")
    ] = None,
    drawing: Annotated[
        Path | None, typer.Option("--map", help="Draw the results on the country's outline: .html or .png.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Only say how the query is understood.")] = False,
) -> None:
    """Find businesses of a kind in a place."""
    if explain:
        from orbweave.cli.explain import explain as show

        show(context, query, lang)
        return
    asked = _shape(context.out.json, csv, geojson, output)
    if output and output.suffix.lower() in DRAWINGS:
        if drawing:
            raise InvalidInput("Name one drawing: with --map or with --output.", field="output")
        output, drawing = None, output
    if drawing and drawing.suffix.lower() not in DRAWINGS:
        raise InvalidInput(f"A map is drawn as .html or .png, not as {drawing.name!r}.", field="map")
    from orbweave.maps import SearchRequest

    payload: dict[str, Any] = {"search_query": query, "lang": lang, "source": source, "radius_m": radius}
    request = SearchRequest.from_payload(payload | _where(place, country))
    asyncio.run(_search(context, request, Wanted(asked, output, drawing, max_results)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """``format``: json, csv, geojson; None is a table."""

    format: str | None
    output: Path | None
    drawing: Path | None
    most: int | None

    @property
    def is_kept(self) -> bool:
        """Whether what comes out is to outlive a look at it."""
        return self.format in ("csv", "geojson") or self.output is not None or self.drawing is not None


def _shape(json: bool, csv: bool, geojson: bool, output: Path | None) -> str | None:
    """The format asked for. Raises InvalidInput for two of them, or a file that is of none."""
    flags = [name for name, given in (("json", json), ("csv", csv), ("geojson", geojson)) if given]
    if len(flags) > 1:
        raise InvalidInput(f"Choose one of --{' and --'.join(flags)}.", field=flags[1])
    suffix = output.suffix.lower() if output else ""
    if output and suffix not in (*SUFFIXES, *DRAWINGS):
        known = ", ".join((*SUFFIXES, *DRAWINGS))
        raise InvalidInput(f"The end of {output.name!r} says no format; there is: {known}.", field="output")
    named = SUFFIXES.get(suffix)
    if named and flags and named != flags[0] and flags != ["json"]:
        raise InvalidInput(f"--{flags[0]} does not go with a file called {output}.", field="output")
    return named or next(iter(flags), None)


def _where(place: str | None, country: str | None) -> dict[str, Any]:
    """The payload's fields for --in and --country. Raises InvalidInput: no such place, or several."""
    from orbweave.locations import choose, country_called, country_code, find

    code = country_code(country) if country else None
    if place is None:
        return {"country": code}
    if (whole := country_called(place)) and code in (None, whole):
        return {"country": whole}
    found = find(code, place)
    if not found:
        within = f" in {code}" if code else ""
        raise InvalidInput(
            f"No place called {place!r} is known{within}; try the name of a larger town nearby.", field="--in"
        )
    location = choose(found, place, field="--in")
    return {"location_id": location.location_id, "country": location.country_code}


async def _search(context: Context, request: SearchRequest, wanted: Wanted) -> None:
    """One reading of the source makes all that is asked for."""
    from orbweave.maps import NoSource, plan

    async with _sources(context, request) as sources:
        try:
            asked = await plan(request, sources)
        except NoSource as error:
            raise InvalidInput(
                f"{error} Another is added by `orbweave places add`, such as `orbweave places add austria`.",
                field=error.field,
            ) from None
        table = PlaceTable(wanted.most or SHOWN) if wanted.format is None and wanted.output is None else None
        most = None if table and wanted.drawing is None else wanted.most
        count = left_out = 0
        with _file(wanted, asked) as file, _drawing(wanted, asked) as drawing:
            try:
                async for place in asked.places():
                    business = place.business()
                    if wanted.is_kept and business["expires_at"]:
                        left_out += 1
                        continue
                    count += 1
                    for taker in (table, file, drawing):
                        if taker is not None:
                            taker.add(business)
                    if count == most:
                        break
                    if count % _PAUSE == 0:
                        await asyncio.sleep(0)
            except asyncio.CancelledError:
                context.out.note(f"Stopped after {count:,} businesses.")
                raise
    _tell(context, asked, wanted, table, count, left_out)


@contextlib.asynccontextmanager
async def _sources(context: Context, request: SearchRequest) -> AsyncIterator[Sources]:
    """All of these settings; the imported ones when there is a database with some, which is never made for this."""
    from orbweave.cli.network import network
    from orbweave.places.sources import are_imported, place_sources
    from orbweave.store.database import open_database

    settings = context.settings
    async with contextlib.AsyncExitStack() as opened:
        net = await opened.enter_async_context(network(settings))
        db = None
        if request.source in (None, "imported") and are_imported(settings):
            db = await opened.enter_async_context(await open_database(settings))
        yield place_sources(settings, db, net)


@contextlib.contextmanager
def _file(wanted: Wanted, asked: Plan) -> Iterator[PlaceFile | None]:
    """Whole also when it ends early."""
    if wanted.format is None:
        yield None
        return
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(opened(wanted.output)) if wanted.output else sys.stdout.buffer
        file = PlaceFile(stream, made(wanted.format, asked.source.attribution))
        try:
            yield file
        finally:
            file.end()


@contextlib.contextmanager
def _drawing(wanted: Wanted, asked: Plan) -> Iterator[PlaceMap | None]:
    """Drawn when all is there, else not at all."""
    if wanted.drawing is None:
        yield None
        return
    from orbweave.cli.place_map import PlaceMap, html, png

    draw = html if wanted.drawing.suffix.lower() == ".html" else png
    drawn = PlaceMap(asked.wanted.country, _title(asked), asked.source.attribution)
    unfinished = wanted.drawing.with_name(wanted.drawing.name + ".part")
    with opened(wanted.drawing, unfinished) as stream:
        try:
            yield drawn
            stream.write(draw(drawn))
        except BaseException:
            unfinished.unlink()
            raise
    unfinished.replace(wanted.drawing)


def _title(asked: Plan) -> str:
    from orbweave.locations import countries

    wants = asked.wanted
    where = wants.location.display_name if wants.location else countries()[wants.country]
    if wants.circle:
        where = f"{wants.circle.radius_m:,.0f} m round {where}"
    return f"{wants.understanding.best.label} in {where}"


def _tell(context: Context, asked: Plan, wanted: Wanted, table: PlaceTable | None, count: int, left_out: int) -> None:
    """What was found, how the query was taken and whom to name: with a table on stdout, else on stderr."""
    from orbweave.locations import ATTRIBUTION

    best, shown = asked.wanted.understanding.best, table.best() if table else []
    more = f"; the first {len(shown)} are shown, -o FILE.csv takes all" if table and len(shown) < count else ""
    lines = [
        f"{count:,} {'business' if count == 1 else 'businesses'}: {_title(asked)}{more}.",
        f"Understood as {_meaning(best)} ({best.method}, {best.score:.2f}). Source: {asked.source.name}.",
        f"{asked.source.attribution}. Places: {ATTRIBUTION}.",
    ]
    if left_out:
        lines.insert(1, f"{left_out:,} more left out: the terms of the source forbid to keep them.")
    if table is None:
        for line in lines:
            context.out.note(line)
    else:
        context.out.emit(shown, lambda: table.drawn(context.out.stdout.width, lines))
    for path in filter(None, (wanted.output, wanted.drawing)):
        context.out.note(f"Written: {path}")


def _meaning(best: Interpretation) -> str:
    if best.name is not None:
        return f"the name {best.label!r}"
    return " or ".join(" ".join(f"{key}={value}" for key, value in tags.items()) for tags in best.tags)
