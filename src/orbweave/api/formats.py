"""``?format=``: an answer as YAML or as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def to_yaml(value: Any) -> str:
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))


def to_markdown(value: Any) -> str:
    """Scalars as a list, objects as sections, lists of objects as tables."""
    return "\n".join(_section(value, depth=1)).strip() + "\n"


RENDERERS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "yaml": ("application/yaml", to_yaml),
    "md": ("text/markdown", to_markdown),
}


def _section(value: Any, depth: int) -> list[str]:
    match value:
        case dict():
            nested = {key: each for key, each in value.items() if isinstance(each, dict | list) and each}
            lines = [f"- **{_text(key)}**: {_inline(each)}" for key, each in value.items() if key not in nested]
            for key, each in nested.items():
                lines += ["", f"{'#' * min(depth, 6)} {_text(key)}", "", *_section(each, depth + 1)]
            return lines
        case list() if all(isinstance(row, dict) for row in value):
            columns = list(dict.fromkeys(key for row in value for key in row))
            return [
                _row(map(_text, columns)),
                _row("---" for _ in columns),
                *(_row(_inline(row.get(column)) for column in columns) for row in value),
            ]
        case list():
            return [f"- {_inline(each)}" for each in value]
    return [_inline(value)]


def _row(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def _inline(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return "; ".join(map(_inline, value))
        case dict():
            return ", ".join(f"{_text(key)} {_inline(each)}" for key, each in value.items() if each is not None)
    return _text(value)


def _text(value: Any) -> str:
    """On one line, and without what Markdown or HTML would take for its own."""
    text = " ".join(str(value).split())
    for character in "\\`*[]<>|":
        text = text.replace(character, f"\\{character}")
    return text
