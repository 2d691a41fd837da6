"""``orbweave run``: one campaign from query to leads, on the running server or on one started for it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from orbweave import config
from orbweave.cli import campaigns, leads, local, progress, serve
from orbweave.cli.client import CAMPAIGNS, Api
from orbweave.cli.command import API, Context, command
from orbweave.errors import InvalidInput
from orbweave.user_agent import HOW_TO_SET

Country = Annotated[str, typer.Option("--country", "-c", help="Country code, such as LI.")]


def register(app: typer.Typer) -> None:
    command(
        app,
        "run",
        options=(*API, *serve.WORKER),
        examples=[
            "orbweave run restaurants --country LI -o leads.csv",
            "orbweave run dentists --country MC --max-pages 5 --json > leads.jsonl",
            "orbweave run hotels --country AD --min-population 5000 --no-verify",
        ],
    )(run)


def run(
    context: Context,
    query: Annotated[str, typer.Argument(help="What to look for, without a place.")],
    country: Country,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Also write leads here: .csv or .jsonl.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What you call the campaign.")] = None,
    min_population: Annotated[int | None, typer.Option(min=0, help="Only places of so many people.")] = None,
    max_population: Annotated[
        int | None, typer.Option(min=0, help="With --min-population: and at most so many.")
    ] = None,
    region: Annotated[list[str] | None, typer.Option(help="Only places of this region; repeat for more.")] = None,
    location: Annotated[list[int] | None, typer.Option(help="Only the place with this id; repeat for more.")] = None,
    bbox: Annotated[str | None, typer.Option(metavar="W,S,E,N", help="Only places inside, in degrees.")] = None,
    polygon: Annotated[Path | None, typer.Option(metavar="FILE", help="Only places inside this GeoJSON.")] = None,
    city: Annotated[str | None, typer.Option(help="Only this city, postcode by postcode.")] = None,
    include_postcodes: Annotated[
        bool, typer.Option("--include-postcodes", help="Cities that have postcodes, postcode by postcode.")
    ] = False,
    max_results: Annotated[int, typer.Option(min=1, max=500, help="Businesses of a place at most.")] = 100,
    max_pages: Annotated[int, typer.Option(min=1, max=100, help="Pages of a website at most.")] = 25,
    site: Annotated[bool, typer.Option("--site/--no-site", help="Crawl the websites.")] = True,
    verify: Annotated[bool, typer.Option("--verify/--no-verify", help="Verify the e-mails found.")] = True,
) -> None:
    """Run a campaign: find the businesses of a country, crawl their websites, verify their e-mails."""
    if output is not None:
        campaigns.format_of(output)
        campaigns.check_writable(output)
    body = {
        "query": query,
        "country_code": country,
        "name": name,
        "max_results": max_results,
        "filter": place_filter(
            min_population, max_population, region or [], location or [], bbox, polygon, city, include_postcodes
        ),
        "workflow": workflow(site, verify and site, max_pages),
        "dispatch": {"mode": "auto"},
    }
    with _server(context) as (api, goes_on):
        try:
            status, found = follow(context, api, body)
        except KeyboardInterrupt:
            context.out.note(f"The campaign goes on {goes_on}; `orbweave campaigns stop` ends it.")
            raise
        campaign_id = status["campaign_id"]
        if output is not None:
            campaigns.save_file(api, campaign_id, campaigns.format_of(output), output)
            context.out.note(f"Wrote {output}.")
    if context.out.json:
        for lead in found:
            context.out.emit(lead, str)
    else:
        context.out.emit(found, lambda: leads.table(found) if site else leads.places(found))
        context.out.note(leads.summary(found) if site else f"{len(found)} businesses.")
    counted = status["progress"]
    if counted["failed"]:
        context.out.note(f"{counted['failed']} of {counted['total']} locations failed.")
    if status["status"] != "completed":
        context.out.note(f"The campaign is {status['status']}. {status.get('pause_reason') or ''}".strip())
    if status["status"] != "completed" or not counted["completed"]:
        raise typer.Exit(1)


def follow(context: Context, api: Api, body: dict[str, Any]) -> tuple[dict[str, Any], list[leads.Lead]]:
    """Submit a campaign and watch it; its last status and its leads."""
    created = api.post(f"{CAMPAIGNS}/submit", {key: value for key, value in body.items() if value is not None})
    campaign_id = created["campaign_id"]
    context.out.note(f"Campaign {campaign_id}: {created['total_locations']} locations.")
    if created.get("warning"):
        context.out.note(created["warning"])
    status = progress.watch(api, campaign_id, context.out)
    return status, list(leads.export(api, campaign_id))


def workflow(site: bool, verify: bool, max_pages: int) -> dict[str, Any] | None:
    if not site:
        return None
    return {"spidersite": {"enabled": True, "max_pages": max_pages}, "spiderverify": {"enabled": verify}}


def place_filter(
    min_population: int | None,
    max_population: int | None,
    regions: list[str],
    locations: list[int],
    bbox: str | None,
    polygon: Path | None = None,
    city: str | None = None,
    include_postcodes: bool = False,
) -> dict[str, Any]:
    """The filter of contract 3.1 that the options say."""
    if max_population is not None and min_population is None:
        raise InvalidInput("--max-population needs --min-population (0 is allowed).", field="--max-population")
    population = {"mode": "population", "min_population": min_population, "max_population": max_population}
    asked: list[dict[str, Any]] = []
    if min_population is not None:
        asked.append({key: value for key, value in population.items() if value is not None})
    if regions:
        asked.append({"mode": "regions", "admin_regions": regions})
    if locations:
        asked.append({"mode": "custom", "location_ids": locations})
    if bbox is not None:
        asked.append({"mode": "bbox", "bbox": _bbox(bbox)})
    if polygon is not None:
        asked.append({"mode": "polygon", "polygon": _geojson(polygon)})
    if city is not None:
        asked.append({"mode": "city", "parent_city": city})
    if len(asked) > 1:
        raise InvalidInput(
            "Choose places in one way only: by population, --region, --location, --bbox, --polygon or --city."
        )
    chosen = asked[0] if asked else {"mode": "all"}
    return chosen | {"include_postcodes": True} if include_postcodes else chosen


def _geojson(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}.", field="--polygon") from None
    except ValueError:
        raise InvalidInput(f"{path} is not a GeoJSON file.", field="--polygon") from None


def _bbox(text: str) -> list[float]:
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        raise InvalidInput(f"--bbox takes four numbers, W,S,E,N in degrees, not {text!r}.", field="--bbox") from None
    return [west, south, east, north]


@contextlib.contextmanager
def _server(context: Context) -> Iterator[tuple[Api, str]]:
    """A server, and when its campaigns go on once this command has ended."""
    settings, out = context.settings, context.out
    if settings.server is not None or local.find(settings.home) is not None:
        ignored = [config.flag(name) for name, value in context.flags.items() if value is not None and name not in API]
        if ignored:
            out.note(f"Ignored, since the server is running already: {', '.join(ignored)}.")
        with local.connect(settings) as api:
            yield api, "on the server"
        return
    if not settings.reachable:
        out.note(f"Public websites will not be crawled: site owners could not reach you. {HOW_TO_SET}")
    out.note("Starting a server for this campaign (the first start makes the database).")
    with local.start(settings.home, 0, settings.environment()) as (api, _):
        yield api, "with the next `orbweave serve`"
