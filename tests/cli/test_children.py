from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from orbweave.cli import local
from orbweave.cli.children import Child
from orbweave.errors import SetupError


def practice(home: Path) -> Child:
    return Child(["practice", "--country", "", "--home", str(home)], {}, home / "log")


def test_a_child_says_when_it_is_ready_and_stops_with_the_block(tmp_path: Path) -> None:
    with practice(tmp_path) as child:
        assert "ORBWEAVE_NAMESERVERS" in child.ready()
        child.check()
        assert (tmp_path / "practice.env").exists()
    assert not (tmp_path / "practice.env").exists()
    with pytest.raises(SetupError, match=r"`orbweave practice` ended with code 0; its words are in .*/log"):
        child.check()


def test_a_child_that_cannot_start_gives_its_reason(tmp_path: Path) -> None:
    with Child(["practice", "--country", "XX", "--home", str(tmp_path)], {}, tmp_path / "log") as child:
        with pytest.raises(SetupError, match="XX"):
            child.ready()


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from orbweave.cli.children import Child\n"
        f"home = Path({str(tmp_path)!r})\n"
        "child = Child(['practice', '--country', '', '--home', str(home)], {}, home / 'log')\n"
        "child.ready(); print(child._process.pid, flush=True); input()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        os.kill(pid, 0)
        parent.send_signal(signal.SIGKILL)
    while (tmp_path / "practice.env").exists():
        time.sleep(0.01)


def test_a_server_that_cannot_start_gives_its_reason(tmp_path: Path, free_port: int) -> None:
    environment = {"DATABASE_URL": f"postgresql://127.0.0.1:{free_port}/x"}
    with pytest.raises(SetupError, match="DATABASE_URL"), local.start(tmp_path, 0, environment):
        pass
