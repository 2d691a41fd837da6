"""Processes of ours that end with us, however we end: their stdin is a pipe that we hold and they watch."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any

import typer

from orbweave.errors import SetupError

WithParent = Annotated[bool, typer.Option("--with-parent", hidden=True, help="Stop when stdin closes.")]

GRACE = 30.0
"""Seconds a child gets to stop by itself, over the grace it gives its own jobs."""


class Child:
    """An orbweave command as a process. What it says on stderr goes to the file ``log``."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = arguments[0]
        self.log = log
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "orbweave.cli", *arguments, "--with-parent", "--json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **environment},
            start_new_session=True,  # Ctrl-C is ours; we stop our children in order
        )

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def ready(self) -> dict[str, Any]:
        """Wait for its first line on stdout, said when it is ready. SetupError with its reason if it ends first."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self._process.wait()
        raise SetupError(self._reason())

    def check(self) -> None:
        """SetupError with its reason if it has ended."""
        if self._process.poll() is not None:
            raise SetupError(self._reason())

    def wait(self) -> None:
        """Until it ends, which is not its part: SetupError."""
        self._process.wait()
        raise SetupError(self._reason())

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None:
                stream.close()

    def _reason(self) -> str:
        for line in reversed(self.log.read_text(encoding="utf-8", errors="replace").splitlines()):
            try:
                return str(json.loads(line)["error"])
            except (ValueError, KeyError, TypeError):
                continue
        return f"`orbweave {self.name}` ended with code {self._process.returncode}; its words are in {self.log}."


def follow_parent() -> None:
    """End like on SIGTERM when the parent is gone."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
