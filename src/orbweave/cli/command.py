"""What every command shares: --json, --debug and the options that are settings, generated from ``Settings``."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import typer
from rich.markup import escape

from orbweave import config
from orbweave.cli.output import Output

SECRET = ("database_url", "token", "llm_key", "smtp_proxy")
"""Not options: the command line of a process is there for every user of the machine to read."""
NETWORK = ("nameservers", "connect_to", "ca_file", "allow_networks", "user_agent")
SITE = (
    *NETWORK,
    *("host_delay", "host_connections", "never_hosts", "browser_path", "browser_pages", "llm_url", "llm_model"),
)
MAIL = (*NETWORK, "smtp_port", "smtp_from", "smtp_hello", "smtp_source", "smtp_delay", "smtp_limits", "dnsbl_zones")
API = ("home", "server")


@dataclass(frozen=True, slots=True)
class Context:
    """What a command gets: its settings, the settings given as options, and where to write."""

    settings: config.Settings
    flags: Mapping[str, Any]
    out: Output


def command(
    app: typer.Typer, name: str, *, options: Iterable[str] = (), examples: Sequence[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function that takes a ``Context`` first; ``options`` are the settings it can be given as options."""
    names = tuple(dict.fromkeys(options))

    def register(function: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(function, include_extras=True)
        own = [
            parameter.replace(annotation=hints[parameter.name])
            for parameter in list(inspect.signature(function).parameters.values())[1:]
        ]
        parameters = [*own, *map(_setting, names), *_COMMON]

        @functools.wraps(function)
        def run(**values: Any) -> None:
            del values["debug"]  # read by main, which also knows it when parsing fails
            out = Output(json=values.pop("json"))
            flags = {name: _joined(values.pop(name)) for name in names}
            function(Context(config.load(**flags), flags, out), **values)

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        epilog = "\n\n".join(("Examples:", *(escape(f"$ {example}") for example in examples)))
        app.command(name, epilog=epilog)(run)
        return function

    return register


def _setting(name: str) -> inspect.Parameter:
    field = config.Settings.model_fields[name]
    accepted = [kind for kind in (get_args(field.annotation) or (field.annotation,)) if kind in (int, float, Path)]
    multiple = isinstance(field.default, list)
    kind: Any = list[str] if multiple else accepted[0] if accepted else str
    option = typer.Option(
        config.flag(name),
        help=f"{field.description} ({config.variables(name)[0]})",
        metavar="VALUE" if kind is str or multiple else None,
        rich_help_panel="Settings",
        show_default=False,
    )
    return _parameter(name, Annotated[kind | None, option], None)


def _joined(value: Any) -> Any:
    """A repeated option reads like the environment variable: separated by commas."""
    return ",".join(value) if isinstance(value, list) else value


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


_COMMON = (
    _parameter(
        "json",
        Annotated[bool, typer.Option("--json", help="Results as JSON, one line each; errors as JSON on stderr.")],
        False,
    ),
    _parameter("debug", Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")], False),
)
