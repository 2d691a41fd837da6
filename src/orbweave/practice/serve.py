"""The practice internet as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from orbweave.errors import SetupError
from orbweave.practice.internet import Practice


async def serve(
    practice: Practice,
    *,
    env_file: Path | None = None,
    on_ready: Callable[[Practice], None] | None = None,
    stop_with_stdin: bool = False,
) -> None:
    """Runs until SIGTERM or SIGINT, or until standard input closes. ``env_file`` exists while it is ready: a shell
    script of the settings that reach it."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with practice:
        with _written(env_file, practice.env_lines()):
            if on_ready is not None:
                on_ready(practice)
            watch = asyncio.create_task(_end_of_stdin(stop)) if stop_with_stdin else None
            await stop.wait()
            if watch is not None:
                watch.cancel()


NOBODY = """export ORBWEAVE_NAMESERVERS=127.0.0.1:1
export ORBWEAVE_CONNECT_TO=::127.0.0.1:1
export ORBWEAVE_ALLOW_NETWORKS=
false
"""
"""Settings that reach nobody. A shell that was to be pointed at the practice internet and is not must not go on to real
sites: the commands after a failed ``eval`` are run all the same."""


def running(env_file: Path) -> int | None:
    """The process of the practice internet that ``env_file`` speaks of, if it still runs."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        pid = int(env_file.read_text("utf-8").splitlines()[0].rsplit(" ", 1)[1])
        os.kill(pid, 0)
        return pid
    return None


def running_env(env_file: Path, patience: float = 0.0) -> str:
    """What ``env_file`` says, if the practice internet it speaks of runs, or does within ``patience`` seconds, as one
    that was started just now. Raises SetupError."""
    until = time.monotonic() + patience
    while True:
        if running(env_file) is not None:
            return env_file.read_text("utf-8")
        if time.monotonic() >= until:
            break
        time.sleep(0.1)
    raise SetupError("No practice internet is running here; start one with `orbweave practice`, then ask again.")


@contextmanager
def _written(env_file: Path | None, lines: str) -> Iterator[None]:
    if env_file is None:
        yield
        return
    text = f"# The practice internet of process {os.getpid()}\n{lines}"
    try:
        env_file.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not there: whoever waits for the file may read it as soon as it exists.
        draft = env_file.with_name(f".{env_file.name}.{os.getpid()}")
        draft.write_text(text, "utf-8")
        draft.replace(env_file)
    except OSError as error:
        raise SetupError(f"The settings can't be written to {env_file}: {error.strerror}.") from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            if env_file.read_text("utf-8") == text:
                env_file.unlink()


async def _end_of_stdin(stop: asyncio.Event) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(4096):
        pass
    stop.set()
