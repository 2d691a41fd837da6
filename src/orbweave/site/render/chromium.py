"""One Chromium process, spoken to in the DevTools protocol over its pipe. It has no way to the network."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pwd
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psutil

Listener = Callable[[str, dict[str, Any]], None]
"""Told of an event's name and parameters."""

# The smallest first: Debian's headless shell starts ten times as fast as the full browser, in a third of the memory.
_NAMES = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
_MAC_NAMES = ("Google Chrome", "Chromium", "Microsoft Edge")

_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    # Whatever is asked for is handed to us. What we are not asked about must not leave: no name has an address, and
    # the proxy that would be asked, also for this machine's own addresses, has none either.
    "--proxy-server=socks5://nowhere.invalid",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    "--no-first-run",
    "--no-startup-window",
    "--no-default-browser-check",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-notifications",
    "--disable-hang-monitor",
    "--block-new-web-contents",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--disable-site-isolation-trials",  # so that what we are told of a page holds for its frames too
    "--disable-features=IsolateSandboxedIframes,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,MediaRouter,OptimizationHints,Translate,"
    "SpareRendererForSitePerProcess,LocalNetworkAccessChecks,"
    "WebRtcHideLocalIpsWithMdns",  # which would ask the local network
    "--blink-settings=imagesEnabled=false",
    "--mute-audio",
    "--password-store=basic",
    "--use-mock-keychain",
)
# Where the system lets us, it lives in a network of its own that leads nowhere.
_ALONE = "unshare --map-current-user --net --"
# The shell outlives the browser, also when we are killed: our end of the pipe closes, which ends the browser.
_SCRIPT = """home=$1 alone=$2; shift 2
$alone true 2>/dev/null || alone=
nice $alone "$@" 3<&0 4>&1 </dev/null >/dev/null
cd /; rm -rf -- "$home"
"""
_MAX_MESSAGE = 64 * 2**20


class Gone(Exception):
    """The browser has ended, or could not be started; ``str`` says why as far as is known."""


class Refused(Exception):
    """The browser answered a command with an error."""


def find(path: str | os.PathLike[str] | None = None) -> Path | None:
    """The browser at ``path`` (or of that name), without one the first that this machine has."""
    if path is not None:
        found = shutil.which(path)
        return Path(found) if found else None
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    if sys.platform == "darwin":
        for name in _MAC_NAMES:
            program = Path(f"/Applications/{name}.app/Contents/MacOS/{name}")
            if program.exists():
                return program
    return None


class Chromium:
    """Made by ``start``; ended by ``kill``, which also has to clear away one that ended by itself.

    ``open`` pages are being rendered in it, ``opened`` were in all; whoever uses it counts."""

    def __init__(self, process: asyncio.subprocess.Process, home: str) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        self._home = home
        self.open = self.opened = 0
        self._number = 0
        self._waiting: dict[int, tuple[str | None, asyncio.Future[dict[str, Any]]]] = {}
        self._listeners: dict[str, Listener] = {}
        self._last_words = b""
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._read_errors())]

    @classmethod
    async def start(cls, program: Path, user_agent: str, heap_mb: int, *, sandbox: bool) -> Chromium:
        """Raises Gone when it can't be run."""
        home = tempfile.mkdtemp(prefix="orbweave-browser-")
        account = _unprivileged()
        command = [
            str(program),
            *_FLAGS,
            *([] if sandbox else ["--no-sandbox"]),
            f"--user-agent={user_agent}",
            f"--user-data-dir={home}/profile",
            f"--js-flags=--max-old-space-size={heap_mb}",
        ]
        try:
            if account is not None:
                os.chown(home, account.pw_uid, account.pw_gid)
            process = await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", _SCRIPT, "sh", home, _ALONE, *command),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=_MAX_MESSAGE,
                cwd=home,
                # It is told nothing of ours.
                env={"HOME": home, "TMPDIR": home, "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
                start_new_session=True,
                user=account and account.pw_uid,
                group=account and account.pw_gid,
                extra_groups=account and [],
            )
        except BaseException as error:
            shutil.rmtree(home, ignore_errors=True)
            if isinstance(error, OSError):
                as_whom = f" as {account.pw_name}" if account is not None else ""
                raise Gone(f"it cannot be run{as_whom} ({error.strerror})") from None
            raise
        chromium = cls(process, home)
        try:
            await chromium.call("Browser.getVersion")
        except BaseException:
            await chromium.kill()
            raise
        return chromium

    @property
    def alive(self) -> bool:
        return not self._tasks[0].done()

    async def call(self, method: str, session: str | None = None, /, **parameters: Any) -> dict[str, Any]:
        """The command's result. Raises Refused or Gone. Waits as long as it takes: limits are the caller's."""
        if not self.alive:
            raise Gone(self._why())
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = session, answer
        try:
            self._stdin.write(json.dumps(message).encode() + b"\0")
            await self._stdin.drain()
            return await answer
        except ConnectionError:
            raise Gone(self._why()) from None
        finally:
            del self._waiting[number]

    def listen(self, session: str, listener: Listener) -> None:
        self._listeners[session] = listener

    def forget(self, session: str, why: str) -> None:
        """Calls that still wait for its answer raise Gone."""
        self._listeners.pop(session, None)
        self._give_up([answer for asked, answer in self._waiting.values() if asked == session], why)

    def trim(self, limit_mb: int) -> bool:
        """Kill the largest of its processes if all together take more than ``limit_mb``. A page's process takes
        only that page along."""
        sizes = {process: size for process in self._processes() if (size := _private_bytes(process))}
        if sum(sizes.values()) <= limit_mb * 2**20:
            return False
        with contextlib.suppress(psutil.Error):
            max(sizes, key=lambda process: sizes[process]).kill()
        return True

    async def kill(self) -> None:
        """End it with all its processes, and remove its files."""
        self._kill_group()
        self._stdin.close()
        await self._process.wait()
        await asyncio.wait(self._tasks, timeout=1)  # until both pipes are at their end, and thereby closed
        for task in self._tasks:
            task.cancel()
        shutil.rmtree(self._home, ignore_errors=True)

    def _kill_group(self) -> None:
        # Once the shell has been waited for its number may be somebody else's.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _processes(self) -> Iterable[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            yield from psutil.Process(self._process.pid).children(recursive=True)

    async def _read(self) -> None:
        try:
            while True:
                message = json.loads((await self._stdout.readuntil(b"\0"))[:-1])
                if (number := message.get("id")) is None:
                    if listener := self._listeners.get(message.get("sessionId", "")):
                        listener(message["method"], message.get("params", {}))
                elif number in self._waiting and not (answer := self._waiting[number][1]).done():
                    if "error" in message:
                        answer.set_exception(Refused(str(message["error"].get("message", ""))))
                    else:
                        answer.set_result(message.get("result", {}))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            pass  # it ended, or says what can't be a message
        finally:
            self._kill_group()
            self._give_up([answer for _, answer in self._waiting.values()], self._why())

    @staticmethod
    def _give_up(answers: list[asyncio.Future[dict[str, Any]]], why: str) -> None:
        for answer in answers:
            if not answer.done():
                answer.set_exception(Gone(why))

    async def _read_errors(self) -> None:
        while line := await self._stderr.read(4096):
            self._last_words = (self._last_words + line)[-2000:]

    def _why(self) -> str:
        lines = [line.strip() for line in self._last_words.decode(errors="replace").splitlines() if line.strip()]
        fatal = [line for line in lines if "FATAL" in line or "sandbox" in line or "error while loading" in line]
        return (fatal or lines or ["it ended"])[-1][-300:]


def _unprivileged() -> pwd.struct_passwd | None:
    """Who runs the browser when we are root: pages are strangers' programs."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return None


def _private_bytes(process: psutil.Process) -> int:
    """Memory that is its own; what processes share would be counted again and again."""
    try:
        memory = process.memory_info()
    except psutil.Error:
        return 0
    return int(memory.rss - getattr(memory, "shared", 0))
