from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from orbweave import config
from orbweave.errors import SetupError
from orbweave.practice import Practice, PracticeSite, running_env


def read_settings(text: str) -> dict[str, str]:
    lines = (line.removeprefix("export ") for line in text.splitlines() if line.startswith("export "))
    return {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}


async def start(*arguments: str, stdin: int | None = None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "orbweave.practice", *arguments, stdin=stdin, stdout=asyncio.subprocess.PIPE
    )


async def test_settings_are_those_that_orbweave_reads(practice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    running = await practice(PracticeSite("alpha.test"))
    for name, value in running.settings().items():
        monkeypatch.setenv(name, value)
    read = config.load()
    assert read.nameservers == [f"127.0.0.1:{running.dns.port}"]
    assert read.connect_to[-1] == f":443::{running.web.https_port}"
    assert read.smtp_port == running.mail.port
    assert read.ca_file == running.authority.file
    assert read_settings(running.env_lines()) == running.settings()


async def test_a_process_writes_its_settings_when_ready_and_ends_on_sigterm(tmp_path: Path) -> None:
    env_file, log_file = tmp_path / "practice.env", tmp_path / "practice.jsonl"
    process = await start(
        "--synthetic", "3", "--good", "--latency", "0", "--env-file", str(env_file), "--log-file", str(log_file)
    )
    assert process.stdout is not None
    settings = read_settings((await process.stdout.readuntil(b"RETRY_DELAYS=2.5,4.5,8.5\n")).decode())
    assert read_settings(running_env(env_file)) == settings
    reader, writer = await asyncio.open_connection("127.0.0.1", int(settings["ORBWEAVE_SMTP_PORT"]))
    writer.write(b"QUIT\r\n")
    assert (await reader.read()).endswith(b"221 2.0.0 Bye\r\n")
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    assert not env_file.exists()
    assert not Path(settings["ORBWEAVE_CA_FILE"]).exists()
    assert [json.loads(line)["commands"] for line in log_file.read_text().splitlines()] == [["QUIT"]]


async def test_a_process_may_end_with_its_parent() -> None:
    process = await start("--stop-with-stdin", stdin=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    await process.stdout.readline()
    process.stdin.close()
    assert await process.wait() == 0


async def test_a_mistake_is_one_sentence() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "orbweave.practice", "--country", "XX", stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert errors.count(b"\n") == 1
    assert b"Traceback" not in errors


def test_settings_of_a_practice_internet_that_is_gone(tmp_path: Path) -> None:
    stale = tmp_path / "practice.env"
    with pytest.raises(SetupError, match="orbweave practice"):
        running_env(stale)
    stale.write_text("# The practice internet of process 999999999\n")
    with pytest.raises(SetupError, match="No practice internet is running"):
        running_env(stale)


async def test_it_can_be_started_again_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    for _ in range(2):
        async with Practice(extra_sites=[PracticeSite("alpha.test")], folder=folder) as running:
            assert running.authority.file.parent == folder
    assert os.listdir(folder) == ["ca.pem"]
