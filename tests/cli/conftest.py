"""``cli`` runs a command in this process; ``fake_server`` is the far end of the wire, scripted by a test."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from orbweave.cli import main


@dataclass
class Ran:
    code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[Any]:
        """What --json wrote on stdout."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def error(self) -> dict[str, Any]:
        """What --json said at the end of stderr."""
        answer: dict[str, Any] = json.loads(self.stderr.splitlines()[-1])
        return answer


Cli = Callable[..., Ran]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORBWEAVE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Ran:
        code = main(arguments)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


Answer = tuple[int, dict[str, str], bytes]


@dataclass
class FakeServer:
    """Answers in turn what the test put into ``answers`` for "METHOD /path"; the last one again and again."""

    url: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)

    def on(self, route: str, body: Any = None, status: int = 200, **headers: str) -> FakeServer:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.setdefault(route, []).append((status, headers, content))
        return self


@pytest.fixture
def fake_server() -> Iterator[FakeServer]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            fake.requests.append((self.command, self.path, body))
            queue = fake.answers.get(f"{self.command} {self.path.split('?')[0]}", [])
            missing = (404, {}, b'{"detail": "no such path"}')
            status, headers, content = missing if not queue else queue.pop(0) if len(queue) > 1 else queue[0]
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = handle_any

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake = FakeServer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield fake
        server.shutdown()
        thread.join()


@pytest.fixture
def free_port() -> int:
    """Where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def practice() -> Iterator[dict[str, str]]:
    """The settings that reach a practice internet with made-up sites, in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "orbweave.practice", "--synthetic", "5", "--good", "--stop-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        settings: dict[str, str] = {}
        while "ORBWEAVE_VERIFY_RETRY_DELAYS" not in settings:
            words = shlex.split(process.stdout.readline())
            settings |= dict(word.split("=", 1) for word in words if "=" in word)
        yield settings
        process.stdin.close()


@pytest.fixture
def pointed(practice: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands of the test reach the practice internet."""
    for name, value in practice.items():
        monkeypatch.setenv(name, value)
