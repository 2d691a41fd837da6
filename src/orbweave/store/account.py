"""Who the embedded server runs as when the caller is root, which PostgreSQL refuses (docs/decisions/0001)."""

from __future__ import annotations

import contextlib
import errno
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orbweave.errors import SetupError

_SERVICE_ACCOUNTS = ("orbweave", "postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who the server runs as when the caller is root."""

    name: str
    uid: int
    gid: int

    @classmethod
    def for_home(cls, home: Path) -> Account | None:
        """None: the caller itself. For root the owner of the data, of ``home``, or an account that owns little."""
        if os.geteuid() != 0:
            return None
        data = home / "postgres" / "data"
        owner = next(path for path in (data, home, *home.parents) if path.exists()).stat().st_uid
        for who in (owner,) if owner else _SERVICE_ACCOUNTS:
            with contextlib.suppress(KeyError):
                entry = pwd.getpwuid(who) if isinstance(who, int) else pwd.getpwnam(who)
                return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)
        raise SetupError(
            "PostgreSQL does not run as root and this machine has no account to run it as: "
            "run Orbweave as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        )

    def process_options(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_run(self, *command: str | Path) -> bool:
        try:
            return subprocess.run(command, cwd="/", capture_output=True, **self.process_options()).returncode == 0
        except PermissionError as error:
            if error.errno == errno.EACCES:  # the program is where this account cannot reach it
                return False
            raise self.refused() from None

    def refused(self) -> SetupError:
        return SetupError(
            f"PostgreSQL does not run as root, and this machine does not let root act as {self.name}: "
            "run Orbweave as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        )

    def can_enter(self, directory: Path) -> bool:
        return self.can_run("/bin/sh", "-c", 'cd -- "$1"', "sh", directory)
