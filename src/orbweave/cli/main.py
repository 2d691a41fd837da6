"""The command tree, and the one place where errors become sentences and exit codes: 0 ok, 1 failed, 2 usage."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from orbweave import __version__
from orbweave.cli import (
    campaigns,
    clients,
    config,
    db,
    demo,
    doctor,
    lists,
    maps,
    places,
    practice,
    run,
    serve,
    site,
    verify,
    version,
)
from orbweave.cli.output import Output
from orbweave.errors import InvalidInput, OrbweaveError

INTERRUPTED = 130
OPEN_FILES = 10240  # what macOS allows at most

app = typer.Typer(
    name="orbweave",
    help="Open, self-hosted lead generation: businesses from open map data, their websites crawled, "
    "their e-mails verified.",
    epilog="Start with `orbweave demo`: nothing it does leaves this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
)
for module in (
    demo,
    run,
    serve,
    doctor,
    maps,
    places,
    site,
    verify,
    lists,
    campaigns,
    clients,
    practice,
    db,
    config,
    version,
):
    module.register(app)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"orbweave {__version__}")
        raise typer.Exit


@app.callback()
def orbweave(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version.")
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = words[: words.index("--")] if "--" in words else words
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a name must not end the command where the locale lacks a letter
    out = Output(json="--json" in options)
    _allow_open_files()
    try:
        _refuse_bytes(words)
        code = app(words, prog_name="orbweave", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains again at exit
        return 1
    except Exception as error:
        if "--debug" in options:
            traceback.print_exc()
        return fail(out, error)


def _refuse_bytes(words: Sequence[str]) -> None:
    """Python lets bytes that are no text through, as half characters that neither JSON nor a database takes."""
    for word in words:
        if not word.isascii() and any("\ud800" <= character <= "\udfff" for character in word):
            raise InvalidInput(f"An argument is not valid text in this locale: {word!a}.")


def _allow_open_files() -> None:
    """As many connections as the system lets us have; macOS starts with 256 files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def fail(out: Output, error: Exception) -> int:
    """Say what went wrong in one sentence; the exit code."""
    match error:
        case InvalidInput():
            out.error(str(error), code=_code(error), field=error.field)
            return 2
        case OrbweaveError():
            out.error(str(error), code=_code(error))
        case typer.Abort():
            out.error("Stopped: the question was not answered.", code="aborted")
        case typer.TyperException():
            return _usage(out, error)
        case OSError() if error.strerror:
            out.error(f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}.", code="system")
        case _:
            kind = type(error).__name__
            out.error(f"Unexpected {kind}: {error}. Add --debug to see where, and report it.", code="unexpected")
    return 1


def _usage(out: Output, error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    message = getattr(error, "format_message", lambda: str(error))()
    if type(error).__name__ == "NoArgsIsHelpError":  # the help is printed already
        return 2
    path = context.command_path if context is not None else "orbweave"
    out.error(f"{message.rstrip('.')}. See `{path} --help`.", code="usage")
    return int(getattr(error, "exit_code", 1))


def _code(error: Exception) -> str:
    """``InvalidInput`` is ``invalid_input``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()
