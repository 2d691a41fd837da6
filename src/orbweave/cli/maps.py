"""``orbweave maps``: businesses from open map data, without a database."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from orbweave.cli.command import Context, command
from orbweave.cli.output import table


def register(app: typer.Typer) -> None:
    command(
        app,
        "maps",
        examples=[
            'orbweave maps pizza --in "Vaduz, Liechtenstein"',
            'orbweave maps "dentists in Monaco" --max-results 100 --json',
            "orbweave maps hotels --in Andorra la Vella --country AD",
        ],
    )(maps)


def maps(
    context: Context,
    query: Annotated[str, typer.Argument(help="What to look for, in any language the dictionary knows.")],
    place: Annotated[str | None, typer.Option("--in", help='Where: "Vaduz, Liechtenstein" or "Vaduz".')] = None,
    country: Annotated[
        str | None, typer.Option(help="Country code, where the name of the place is not enough.")
    ] = None,
    max_results: Annotated[int, typer.Option(min=1, max=100, help="Businesses at most.")] = 20,
    lang: Annotated[str | None, typer.Option(help="Language of the query, such as de.")] = None,
    source: Annotated[str | None, typer.Option(help="Place source; default the embedded data.")] = None,
) -> None:
    """Find businesses of a kind in a place."""
    from orbweave.maps import SearchRequest, search

    payload: dict[str, Any] = {"search_query": query, "max_results": max_results, "lang": lang, "source": source}
    payload |= {"country": country, "location_id": _location(place, country)}
    request = SearchRequest.from_payload({name: value for name, value in payload.items() if value is not None})
    data = asyncio.run(search(request)).data()
    businesses = data["businesses"]
    if context.out.json:
        for business in businesses:
            context.out.emit(business, str)
        return
    rows = [(b["name"], b["categories"], b["address"], b["phone"], b["website"]) for b in businesses]
    context.out.emit(businesses, lambda: table(("Name", "Category", "Address", "Phone", "Website"), rows))
    licences = sorted({b["source_license"] for b in businesses if b.get("source_license")})
    context.out.note(
        f"{len(businesses)} found. © OpenStreetMap contributors, {', '.join(licences)}."
        if licences
        else "Nothing found."
    )


def _location(place: str | None, country: str | None) -> int | None:
    if place is None:
        return None
    from orbweave.errors import InvalidInput
    from orbweave.locations import find

    found = find(country, place)
    if not found:
        raise InvalidInput(f"No place called {place!r} is known; try the name of a larger town nearby.", field="--in")
    return found[0].location_id
