"""``orbweave maps --explain``: how a query is understood, before anything is searched or spent."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType

from orbweave.cli.command import Context
from orbweave.cli.output import table


def explain(context: Context, query: str, lang: str | None) -> None:
    """One object with the ranked interpretations. Raises UnknownQuery, after saying so on stdout with --json."""
    from orbweave.maps import UnknownQuery, understand

    try:
        explained = understand(query, lang).explain()
    except UnknownQuery as unknown:
        if context.out.json:
            context.out.emit(
                {
                    "query": query,
                    "interpretations": [],
                    "place": unknown.place,
                    "suggestions": list(unknown.suggestions),
                },
                str,
            )
        raise
    context.out.emit(explained, lambda: _drawn(explained))


def _drawn(explained: dict[str, Any]) -> RenderableType:
    rows = [
        (
            meaning["label"],
            " or ".join(_condition(tags) for tags in meaning["tags"]),
            meaning["score"],
            meaning["method"],
        )
        for meaning in explained["interpretations"]
    ]
    grid = table(("Meaning", "Tags", "Score", "Method"), rows)
    return Group(grid, f"Place: {explained['place']}") if explained["place"] else grid


def _condition(tags: dict[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in tags.items())
