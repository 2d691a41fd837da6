"""The server of this machine: where it is, and the token of its local client.

``home``/server.json is there while `serve` runs; ``home``/token, for its owner only, is written on its first start.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import psutil

from orbweave.cli.children import Child
from orbweave.cli.client import BASE, Api
from orbweave.config import Settings
from orbweave.errors import Forbidden, SetupError, Unauthenticated, Unavailable

if TYPE_CHECKING:
    from orbweave.store.database import Database

CLIENT = "local"


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    pid: int


def connect(settings: Settings) -> Api:
    """The API to talk to: --server, or the server of ``home``. Unavailable or Unauthenticated say what to do."""
    running = find(settings.home) if settings.server is None else _registered(settings.home)
    if settings.server is None and running is None:
        raise Unavailable(
            f"No server is running for {settings.home}; start one with `orbweave serve`, "
            "or name another with --server URL and ORBWEAVE_TOKEN."
        )
    server = settings.server or (running.url if running else "")
    if settings.token is not None:
        token: str | None = settings.token.get_secret_value()
    else:
        # The local client's token is for the local server; whoever else is named must not get it.
        own = running is not None and running.url.rstrip("/") == server.rstrip("/")
        token = read_token(settings.home) if own else None
    if token is None:
        raise Unauthenticated(f"No API token for {server}: set ORBWEAVE_TOKEN; `orbweave client create` prints one.")
    return Api(server, token)


def find(home: Path) -> Server | None:
    """The server registered in ``home``, if it answers."""
    server = _registered(home)
    if server is None:
        return None
    try:
        answer = httpx2.get(f"{server.url}{BASE}/system/health", timeout=15.0, trust_env=False)
        return server if "version" in answer.json() else None
    except (ValueError, httpx2.HTTPError):
        return None


def _registered(home: Path) -> Server | None:
    """The server that ``home`` says runs for it."""
    try:
        return Server(**json.loads((home / "server.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


@contextlib.contextmanager
def start(home: Path, port: int, environment: Mapping[str, str]) -> Iterator[tuple[Api, Child]]:
    """A server of our own, ``orbweave serve`` with that environment, for as long as the block lasts."""
    make(home)
    with Child(["serve", "--home", str(home), "--port", str(port)], environment, home / "server.log") as child:
        url = child.ready()["url"]
        token = read_token(home)
        if token is None:
            raise SetupError(f"The server did not leave a token in {home / 'token'}.")
        with Api(url, token) as api:
            try:
                yield api, child
            except Unavailable:
                child.check()
                raise


def make(home: Path) -> None:
    """Root's database runs as another account, which must be able to pass (not list) the folder."""
    home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


def register(home: Path, server: Server) -> None:
    _write(home / "server.json", json.dumps(asdict(server)))


def unregister(home: Path) -> None:
    (home / "server.json").unlink(missing_ok=True)


def read_token(home: Path) -> str | None:
    try:
        return (home / "token").read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


async def ensure_client(home: Path, db: Database) -> None:
    """Make the local client and its token file unless the token there already opens this database."""
    from orbweave.store import clients

    token = read_token(home)
    if token is not None:
        try:
            await clients.authenticate(db, token)
        except (Unauthenticated, Forbidden):
            pass  # of another database, or of a client that was disabled
        else:
            return
    _write(home / "token", (await clients.create_client(db, CLIENT, rate_limit=0)).token + "\n")


def holder(port: int) -> str:
    """Who listens on that port, as far as this user may see; else nothing."""
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""


def is_free(host: str, port: int) -> bool:
    """Nothing listens on that port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _write(path: Path, content: str) -> None:
    """Whole or not at all, for the owner only."""
    make(path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(content)
    os.replace(name, path)
