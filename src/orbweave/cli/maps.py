"""``orbweave maps``: businesses from open map data, without a database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orbweave.cli.command import Context, command
from orbweave.cli.output import table
from orbweave.errors import InvalidInput

if TYPE_CHECKING:
    from orbweave.locations import Location


def register(app: typer.Typer) -> None:
    command(
        app,
        "maps",
        examples=[
            'orbweave maps pizza --in "Vaduz, Liechtenstein"',
            'orbweave maps "restaurants in Monaco" --max-results 100 --json',
            "orbweave maps hotels --country AD",
            'orbweave maps "zubař v Brně" --lang cs --explain',
        ],
    )(maps)


def maps(
    context: Context,
    query: Annotated[str, typer.Argument(help="What to look for, in any language the dictionary knows.")],
    place: Annotated[str | None, typer.Option("--in", help='Where: "Vaduz, Liechtenstein" or "Vaduz".')] = None,
    country: Annotated[str | None, typer.Option("--country", "-c", help="Country code; alone: all of it.")] = None,
    max_results: Annotated[int, typer.Option(min=1, max=500, help="Businesses at most; above 100 with --in.")] = 20,
    lang: Annotated[str | None, typer.Option(help="Language of the query, such as de.")] = None,
    source: Annotated[str | None, typer.Option(help="Place source; default the embedded data.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Only say how the query is understood.")] = False,
) -> None:
    """Find businesses of a kind in a place."""
    if explain:
        from orbweave.cli.explain import explain as show

        show(context, query, lang)
        return
    from orbweave.maps import SearchRequest, search

    payload: dict[str, Any] = {"search_query": query, "max_results": max_results, "lang": lang, "source": source}
    if place is not None:
        location = _location(place, country)
        payload |= {"location_id": location.location_id, "country": location.country_code}
    elif country is not None:
        payload["country"] = country
    data = asyncio.run(search(SearchRequest.from_payload(payload))).data()
    found, facts = data["businesses"], data["metadata"]
    if context.out.json:
        for business in found:
            context.out.emit(business, str)
    elif found:
        rows = [(b["name"], b["categories"], b["address"], b["phone"], b["website"]) for b in found]
        context.out.emit(found, lambda: table(("Name", "Category", "Address", "Phone", "Website"), rows))
    kind, where = facts["matched"]["label"], facts["location"]
    context.out.note(f"{len(found)} of {facts['total_matches']} businesses: {kind} in {where}.")
    context.out.note(f"{', '.join(facts['attribution'])}.")


def _location(place: str, country: str | None) -> Location:
    from orbweave.locations import country_code, find

    found = find(country_code(country) if country else None, place)
    if not found:
        raise InvalidInput(f"No place called {place!r} is known; try the name of a larger town nearby.", field="--in")
    return found[0]
