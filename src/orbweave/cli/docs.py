"""``python -m orbweave.cli.docs``: writes docs/cli.md and docs/configuration.md from the code; a test compares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer.main
from typer.cli import get_docs_for_click

from orbweave.cli.command import SECRET
from orbweave.config import Settings, flag, variables

CLI = """\
# The command line

<!-- Written by `python -m orbweave.cli.docs`; change the commands instead. -->

- Results go to stdout, everything else (progress, notes, warnings, errors) to stderr.
- `--json` makes both JSON, one line each: on stdout one object or list, or one object per item where a command has many
  results, as soon as each is there; on stderr `{"note": …}`, `{"progress": …}` and, at the end of a failure,
  `{"error": "…", "code": "…"}`.
- Exit codes: 0 done; 1 failed; 2 wrong usage; 130 interrupted with Ctrl-C.
  `serve`, `worker` and `practice` run until they are asked to stop, and then end with 0.
- An error is one sentence that says what to do; `--debug` adds where it came from.
- `NO_COLOR=1` turns colours off; without a terminal there are none, nor moving bars.
- `orbweave --install-completion` installs completion for your shell.
- The options under "Settings" are [settings](configuration.md); environment variables and files can give them too.

"""

CONFIGURATION = """\
# Configuration

<!-- Written by `python -m orbweave.cli.docs`; change src/orbweave/config.py instead. -->

Each setting can be given in four places, strongest first:

1. an option of the commands that use it (not those that hold a password: other users can read command lines),
2. an environment variable,
3. `orbweave.toml` in the current folder,
4. `$XDG_CONFIG_HOME/orbweave/config.toml` (usually `~/.config/orbweave/config.toml`).

`orbweave config show --origin` prints what is used and where it comes from.

Lists are separated by commas in the environment, are arrays in TOML, and as options are given once per value. An empty
value takes back an optional setting, such as `DATABASE_URL=`. A setting that does not exist, or a value that is not
usable, is an error in a file; `orbweave doctor` finds misspelt variables.

```toml
# orbweave.toml
port = 9000
user_agent = "Orbweave/0.1 (+https://your.site/bot)"
nameservers = ["9.9.9.9", "149.112.112.112"]
```

| Setting | Variable | Option | Default | Meaning |
| --- | --- | --- | --- | --- |
"""

COMPUTED = {"home": "`orbweave` in the user's data folder", "workers": "number of processors"}
"""Defaults that depend on the machine."""


def cli() -> str:
    from orbweave.cli.main import app

    command: Any = typer.main.get_command(app)
    context = command.make_context("orbweave", [], resilient_parsing=True)
    text = get_docs_for_click(obj=command, ctx=context, name="orbweave", title="Commands")
    return CLI + text.replace("&#x27;", "'").replace("&quot;", '"').replace("# Commands", "## Commands", 1)


def configuration() -> str:
    return CONFIGURATION + "".join(f"| {' | '.join(row)} |\n" for row in map(_row, Settings.model_fields))


def _row(name: str) -> tuple[str, ...]:
    field = Settings.model_fields[name]
    names = ", ".join(f"`{variable}`" for variable in variables(name))
    option = "none" if name in SECRET else f"`{flag(name)}`"
    return f"`{name}`", names, option, COMPUTED.get(name) or _default(field.default), field.description or ""


def _default(value: Any) -> str:
    shown = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return f"`{shown}`" if shown else "none"


def main(folder: Path = Path("docs")) -> None:
    (folder / "cli.md").write_text(cli(), encoding="utf-8")
    (folder / "configuration.md").write_text(configuration(), encoding="utf-8")


if __name__ == "__main__":
    main()
