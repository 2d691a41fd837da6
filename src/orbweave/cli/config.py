"""``orbweave config``."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from orbweave.cli.command import SECRET, Context, command
from orbweave.cli.output import table
from orbweave.config import Settings, origins


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="What is configured, and where each value comes from.", no_args_is_help=True)
    app.add_typer(group, name="config")
    command(
        group,
        "show",
        options=[name for name in Settings.model_fields if name not in SECRET],
        examples=[
            "orbweave config show",
            "orbweave config show --origin",
            "ORBWEAVE_PORT=9000 orbweave config show --json",
        ],
    )(show)


def show(
    context: Context,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value comes from.")] = False,
) -> None:
    """Show every setting as it is used now; passwords and tokens are left out."""
    where = origins(context.flags)
    values = {name: shown(getattr(context.settings, name)) for name in Settings.model_fields}
    if origin:
        rows = [(name, text(value), where[name]) for name, value in values.items()]
        context.out.emit(
            {name: {"value": value, "origin": where[name]} for name, value in values.items()},
            lambda: table(("Setting", "Value", "Origin"), rows),
        )
    else:
        context.out.emit(values, lambda: table(("Setting", "Value"), [(n, text(v)) for n, v in values.items()]))


def shown(value: Any) -> Any:
    """A setting without what must stay secret."""
    if isinstance(value, SecretStr):
        return "(set)"
    if isinstance(value, str):
        return re.sub(r"(?<=://)([^:/@]*):[^/]*(?=@)", r"\1:***", value)
    return value


def text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
