"""PostgreSQL of our own: made, started, found again and stopped by the processes that use it.

Everything lives in ``<home>/postgres`` (0700): ``data``, ``run`` (socket), ``password``, ``server.log``. Who uses the
server is a shared flock on ``<home>/postgres.users``, so the kernel forgets a killed process; whoever starts or stops
it holds ``<home>/postgres.lock``; every process of the server itself holds ``<home>/postgres.alive``. Whether the
server is there is decided by connecting to it, never by a pid.
The reasons, and what happens when the user is root: docs/decisions/0001-embedded-postgres.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import errno
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import asyncpg
import psutil

from orbweave.errors import Conflict, SetupError
from orbweave.store import binaries, server_settings
from orbweave.store.account import Account
from orbweave.store.connect import connect

Progress = Callable[[str], None]

_DATABASE = _ROLE = "orbweave"
_SYSTEM_BASE = Path("/var/lib/orbweave")
_SHORT_BASE = Path("/tmp")  # noqa: S108  (what is there is checked to be ours)
_SOCKET_PORT = 5432
_LONGEST_SOCKET_PATH = 103  # macOS; Linux allows four more
_SPACE_FOR_A_NEW_DATABASE = 200 * 2**20
_SILENCE_LIMIT = 60.0  # seconds a live server may neither answer nor say that it is starting
_ORPHAN_LIMIT = 3.0  # seconds the sessions of a killed server get to notice that it is gone
_LOG_LIMIT = 5 * 2**20


class _State(enum.Enum):
    READY = enum.auto()
    STARTING = enum.auto()  # or recovering, or shutting down: it says so itself
    ABSENT = enum.auto()


class EmbeddedPostgres:
    """One user of the server of ``home``; ``start`` and ``stop`` may be called again and again.

    ``settings`` overrides server settings and counts for the process that happens to start the server.
    """

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home.expanduser().absolute()
        self._settings = dict(settings or {})
        self._users: int | None = None
        self._account: Account | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def directory(self) -> Path:
        """Where the data really is: ``<home>/postgres``, or what that link of root's points to."""
        return (self.home / "postgres").resolve()

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    async def __aenter__(self) -> str:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, on_progress: Progress | None = None) -> str:
        """The DSN of a server that answers, made and started if need be. Waits for crash recovery as long as it takes.

        Raises SetupError: no space, home not writable, data of another major version, or the server's own reason.
        """
        progress = _once(on_progress)
        with _setup_errors(self.home):
            self._account = Account.for_home(self.home)
            self._make_home()
            async with self._exclusive(progress):
                first_use = self._users is None
                if self._users is None:
                    self._users = self._hold(fcntl.LOCK_SH)
                try:
                    self._make_directory()
                    await self._ensure_running(progress)
                    await self._ensure_database()
                except BaseException:
                    if first_use:  # also when told to stop in the middle: what was launched must not stay behind
                        await self._leave(progress)
                    raise
        return self.dsn()

    async def stop(self, on_progress: Progress | None = None) -> None:
        """Stops using the server; stops it if nobody else does."""
        if self._users is None:
            return
        if not self.home.is_dir():  # deleted under it: a server without its files ends by itself
            os.close(self._users)
            self._users = None
            return
        progress = _once(on_progress)
        async with self._exclusive(progress):
            await self._leave(progress)

    async def _leave(self, progress: Progress) -> None:
        """Under the exclusive lock: no longer a user; the last one shuts the server down."""
        assert self._users is not None
        os.close(self._users)
        self._users = None
        try:
            last = self._hold(fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        try:
            await self._shut_down(progress)
        finally:
            os.close(last)

    async def remove(self, on_progress: Progress | None = None) -> None:
        """Deletes the database with all its data. Raises Conflict while other processes use it."""
        progress = _once(on_progress)
        if not self.home.is_dir():
            return
        with _setup_errors(self.home):
            async with self._exclusive(progress):
                if self._users is not None:
                    os.close(self._users)
                    self._users = None
                try:
                    last = self._hold(fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise Conflict(
                        f"Other Orbweave processes use the database in {self.directory}: stop them first."
                    ) from None
                try:
                    await self._shut_down(progress)
                    if self._is_alive():
                        raise Conflict(f"The database in {self.directory} cannot be stopped from here: stop it first.")
                    if self.directory.exists():
                        shutil.rmtree(self.directory)
                    (self.home / "postgres").unlink(missing_ok=True)  # the link, if it was one
                finally:
                    os.close(last)

    async def is_running(self) -> bool:
        """Whether a server answers or is starting, without starting one."""
        return await self._ping() is not _State.ABSENT

    def dsn(self, database: str = _DATABASE) -> str:
        """For asyncpg and for PostgreSQL's own programs; holds the password. Only of a server that was started."""
        address = self._running_address()
        if address is None:
            raise SetupError("The database is not running.")
        return self._dsn(address, database)

    def _dsn(self, address: tuple[str, int], database: str) -> str:
        host, port = address
        password = (self.directory / "password").read_text().strip()
        if host.startswith("/"):
            return f"postgresql://{_ROLE}:{password}@/{database}?host={quote(host, safe='')}&port={port}"
        return f"postgresql://{_ROLE}:{password}@{host}:{port}/{database}"

    # Locks

    @contextlib.asynccontextmanager
    async def _exclusive(self, progress: Progress) -> AsyncIterator[None]:
        descriptor = self._open("postgres.lock")
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    progress("Waiting for another Orbweave process to start or stop the database.")
                    await asyncio.sleep(0.05)
            yield
        finally:
            os.close(descriptor)

    def _hold(self, how: int) -> int:
        descriptor = self._open("postgres.users")
        try:
            fcntl.flock(descriptor, how)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _open(self, name: str) -> int:
        descriptor = os.open(self.home / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._give_to_home_owner(descriptor)
        return descriptor

    # Folders and files

    def _make_home(self) -> None:
        # Root's server runs as another account, which must be able to pass (not list) the folder.
        missing = [path for path in (self.home, *self.home.parents) if not path.exists()]
        self.home.mkdir(mode=0o700 if self._account is None else 0o711, parents=True, exist_ok=True)
        if self._account is not None and missing:
            owner = missing[-1].parent.stat()
            for path in missing:
                os.chown(path, owner.st_uid, owner.st_gid)

    def _give_to_home_owner(self, descriptor: int) -> None:
        if self._account is not None:
            owner = self.home.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)

    def _make_directory(self) -> None:
        directory = self.home / "postgres"
        if not directory.is_symlink() and not directory.exists():
            if self._account is not None and not self._account.can_enter(self.home):
                directory.symlink_to(self._make_system_directory(), target_is_directory=True)
            else:
                directory.mkdir(mode=0o700)
        directory = self.directory
        directory.mkdir(mode=0o700, exist_ok=True)
        if self._account is not None:
            self._own(directory)
            if not self._account.can_enter(directory):
                raise SetupError(
                    f"PostgreSQL does not run as root, and the account {self._account.name} cannot enter {directory}: "
                    "set ORBWEAVE_HOME to a folder that all users may enter, or run Orbweave as an ordinary user."
                )
        elif directory.stat().st_uid != os.geteuid():
            raise SetupError(f"{directory} belongs to another user: set ORBWEAVE_HOME to a folder of your own.")
        password = directory / "password"
        if not password.exists():
            if self.data.exists():
                raise SetupError(f"The file {password} is gone, and the database beside it opens with nothing else.")
            descriptor = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32))
            self._own(password)

    def _make_system_directory(self) -> Path:
        """A folder for this home outside of it, since the server's account cannot enter the home (root's, usually)."""
        if not _SYSTEM_BASE.exists():
            _SYSTEM_BASE.mkdir(parents=True)
            _SYSTEM_BASE.chmod(0o711)
        directory = Path(tempfile.mkdtemp(prefix="home-", dir=_SYSTEM_BASE))
        (directory / "belongs-to").write_text(f"{self.home}\n")
        return directory

    def _own(self, path: Path) -> None:
        if self._account is None:
            return
        try:
            os.chown(path, self._account.uid, self._account.gid)
        except PermissionError:
            raise self._account.refused() from None

    def _programs(self) -> Path:
        installed = binaries.directory()
        if self._account is None or self._account.can_run(installed / "initdb", "--version"):
            return installed
        return binaries.copy_server(self.directory.parent)

    # Address

    def _running_address(self) -> tuple[str, int] | None:
        """(socket folder or host, port) that the server of ``postmaster.pid``, alive or not, was started with."""
        lines = self._pid_file()
        if len(lines) < 6 or not (lines[4] or lines[5]):  # written bit by bit
            return None
        return lines[4] or lines[5], int(lines[3])

    def _new_address(self) -> tuple[str, int]:
        name = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:12]
        for directory in (self.directory / "run", _SHORT_BASE / f"orbweave-{name}"):
            if self._can_hold_a_socket(directory):
                return str(directory), _SOCKET_PORT
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return "127.0.0.1", int(probe.getsockname()[1])

    def _can_hold_a_socket(self, directory: Path) -> bool:
        """Short enough, ours alone, and on a file system that has sockets (some mounts of containers have none)."""
        too_long = len(os.fsencode(directory)) + len(f"/.s.PGSQL.{_SOCKET_PORT}") > _LONGEST_SOCKET_PATH
        if too_long or "," in str(directory):  # a comma separates hosts in a DSN
            return False
        with contextlib.suppress(OSError):
            if not directory.exists():
                directory.mkdir(mode=0o700)
                self._own(directory)
            status = directory.lstat()
            uid = os.geteuid() if self._account is None else self._account.uid
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != uid or status.st_mode & 0o077:
                return False
            probe_path = directory / f"probe-{os.getpid()}"
            with socket.socket(socket.AF_UNIX) as probe:
                probe.bind(str(probe_path))
            probe_path.unlink()
            return True
        return False

    # The server

    async def _ping(self) -> _State:
        address = self._running_address()
        if address is None:
            return _State.ABSENT
        try:
            connection = await asyncpg.connect(self._dsn(address, "postgres"), timeout=5)
        except asyncpg.CannotConnectNowError:
            return _State.STARTING
        except asyncpg.TooManyConnectionsError:
            return _State.READY
        except asyncpg.InvalidPasswordError:
            raise SetupError(f"The password in {self.directory / 'password'} is not the one of the database.") from None
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return _State.ABSENT
        await connection.close()
        return _State.READY

    async def _ensure_running(self, progress: Progress) -> None:
        silent_since = time.monotonic()
        launched = False
        while (state := await self._ping()) is not _State.READY:
            if state is _State.STARTING:
                silent_since = time.monotonic()
                if self._data_is_recovering():
                    progress("The database was not shut down cleanly and is recovering; this can take a while.")
            elif not self._is_alive():
                if launched:
                    raise SetupError(self._explain(self._log_tail()))
                if not self.data.exists():
                    await self._make_data(progress)
                self._launch()
                launched = True
            elif not launched and time.monotonic() - silent_since > _ORPHAN_LIMIT:
                self._end_orphans()
            if time.monotonic() - silent_since > _SILENCE_LIMIT:
                pid = self._postmaster() or "elsewhere"
                raise SetupError(f"PostgreSQL (process {pid}) does not answer: see {self.log}, end it and try again.")
            await asyncio.sleep(0.03)

    async def _ensure_database(self) -> None:
        async with connect(self.dsn("postgres")) as connection:
            if not await connection.fetchval("select exists (select from pg_database where datname = $1)", _DATABASE):
                await connection.execute(f"create database {_DATABASE}")

    async def _make_data(self, progress: Progress) -> None:
        progress("Making the database (once).")
        if shutil.disk_usage(self.directory).free < _SPACE_FOR_A_NEW_DATABASE:
            raise SetupError(_disk_full(self.directory))
        half_made = self.directory / "data.new"
        shutil.rmtree(half_made, ignore_errors=True)
        command: list[str | Path] = [
            self._programs() / "initdb",
            *("--pgdata", half_made),
            *("--username", _ROLE),
            *("--pwfile", self.directory / "password"),
            *("--auth", "scram-sha-256"),
            *("--encoding", "UTF8"),
            # The server's own Unicode rules: the same on every system, and no system locale has to exist.
            *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            "--no-instructions",
            *(["--no-sync"] if self._settings.get("fsync") == "off" else []),
        ]
        with self.log.open("wb") as log:
            self._own(self.log)
            with self._alive() as alive:
                process = await asyncio.create_subprocess_exec(
                    *command, stdout=log, stderr=log, pass_fds=(alive,), **self._process_options()
                )
            try:
                code = await process.wait()
            except asyncio.CancelledError:
                process.kill()
                raise
        if code != 0:
            reason = self._explain(self._log_tail())
            shutil.rmtree(half_made, ignore_errors=True)
            raise SetupError(reason)
        half_made.rename(self.data)

    def _launch(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != binaries.major():
            raise SetupError(
                f"The database in {self.data} was made by PostgreSQL {made_by} and this is {binaries.major()}: dump it "
                "with the Orbweave that made it (`orbweave db dump`), wipe it, and restore the dump with this one."
            )
        host, port = self._new_address()
        if not host.startswith("/") and (former := self._running_address()) and former[0] == host and _is_free(*former):
            port = former[1]  # so that the other processes find the server again
        # What a killed server left behind: PostgreSQL does not start while any process has the number in them.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if host.startswith("/"):
            Path(host, f".s.PGSQL.{port}.lock").unlink(missing_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_name("server.log.1"))
        options = {**server_settings.of(host, port), **self._settings}
        command: list[str | Path] = [self._programs() / "postgres", "-D", self.data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log, self._alive() as alive:
            self._own(self.log)
            log.write(f"--- starting {time.strftime('%Y-%m-%d %H:%M:%S %z')}\n".encode())
            log.flush()
            # Its own session: Ctrl-C in our terminal is for us.
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, pass_fds=(alive,), start_new_session=True, **self._process_options()
            )

    def _process_options(self) -> dict[str, Any]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        options: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "cwd": self.directory,
            "env": {**environment, "LC_ALL": "C", "TZ": "UTC"},
            "umask": 0o077,
        }
        return options | (self._account.process_options() if self._account else {})

    async def _shut_down(self, progress: Progress) -> None:
        since = time.monotonic()
        while (pid := self._postmaster()) is None:  # just launched, it has yet to say its number
            if not self._is_alive() or time.monotonic() - since > _ORPHAN_LIMIT:
                return
            await asyncio.sleep(0.02)
        address = self._running_address()
        os.kill(pid, signal.SIGINT)  # "fast": sessions are ended, everything is written
        since = time.monotonic()
        while self._is_alive():
            if time.monotonic() - since > 2:
                progress("Stopping the database, which writes everything to disk.")
            if time.monotonic() - since > _SILENCE_LIMIT:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT)  # at once; the next start recovers
            await asyncio.sleep(0.02)
        if address is not None and Path(address[0]).parent == _SHORT_BASE:
            with contextlib.suppress(OSError):
                os.rmdir(address[0])

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _postmaster(self) -> int | None:
        """Pid of the server, if it is a process that this one can see (not of another container)."""
        lines = self._pid_file()
        with contextlib.suppress(psutil.Error, ValueError):
            pid = int(lines[0]) if lines else -1
            if Path(psutil.Process(pid).cwd()) == self.data:
                return pid
        return None

    def _end_orphans(self) -> None:
        """Kills the sessions of a server that is no more: a busy one looks for it only when its statement is done."""
        if not self._pid_file() or self._postmaster() is not None:
            return
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.name() == "postgres" and Path(process.cwd()) == self.data:
                    process.kill()

    @contextlib.contextmanager
    def _alive(self) -> Iterator[int]:
        """A descriptor for a server process to inherit: the kernel holds its lock until the last of them is gone."""
        descriptor = self._open("postgres.alive")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            yield descriptor
        finally:
            os.close(descriptor)

    def _is_alive(self) -> bool:
        """Whether any process of the server, or an ``initdb``, still works on the data, in whatever state."""
        if self._process is not None:
            self._process.poll()  # so that it does not stay a zombie
        descriptor = self._open("postgres.alive")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _data_is_recovering(self) -> bool:
        return any(
            phrase in self._log_tail() for phrase in ("was interrupted", "not properly shut down", "redo starts")
        )

    def _log_tail(self) -> str:
        """The log since the last start, at most its last 20,000 bytes."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 20_000))
                return file.read().decode(errors="replace").rpartition("--- starting")[2]
        except OSError:
            return ""

    def _explain(self, log: str) -> str:
        if "No space left on device" in log or "Disk quota exceeded" in log:
            return _disk_full(self.directory)
        if "could not look up effective user ID" in log:
            return (
                f"PostgreSQL needs an entry for user {os.geteuid()} in /etc/passwd, and there is none: "
                "add one, or set DATABASE_URL to a PostgreSQL server."
            )
        if "Cannot allocate memory" in log or "could not map anonymous shared memory" in log:
            return "There is not enough memory to start the database: free some, or set DATABASE_URL."
        lines = [line.strip() for line in log.splitlines() if line.strip()]
        reason = next(
            (line for line in reversed(lines) if "FATAL" in line or "error:" in line),
            lines[-1] if lines else "no reason given",
        )
        return f"PostgreSQL did not start: {reason} (whole log: {self.log})"


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        return True
    return False


def _once(on_progress: Progress | None) -> Progress:
    """Passes each sentence on once, so that waiting loops may repeat themselves."""
    said: set[str] = set()

    def progress(sentence: str) -> None:
        if on_progress is not None and sentence not in said:
            said.add(sentence)
            on_progress(sentence)

    return progress


def _disk_full(directory: Path) -> str:
    return (
        f"The disk that holds {directory} is full: free at least {_SPACE_FOR_A_NEW_DATABASE // 2**20} MB and try again."
    )


@contextlib.contextmanager
def _setup_errors(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SetupError(_disk_full(home)) from None
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            where = error.filename or home
            raise SetupError(
                f"Cannot write {where} ({error.strerror}): set ORBWEAVE_HOME to a folder that you can write to."
            ) from None
        raise SetupError(f"The database cannot be started: {error}.") from error
