"""What a client process is told, and what it answers."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.site.job import peak_memory
from bench.verify import world

SENDER = "probe@bench.example"
HELLO_NAME = "probe.bench.example"
WARM_UP = f"person.0@{world.WARM_UP}"


@dataclass(frozen=True)
class Job:
    """``domains`` of ``kind``, ``per_domain`` addresses each of which ``missing`` have no mailbox; ``dead`` domains
    beside them that don't count, whose servers are ``dead_kind``; ``passes`` times the same; ``early`` addresses after
    which memory is looked at for the first time; ``at_once`` domains, 0 for what is usual; ``timeout`` seconds a
    reply; ``limit`` seconds for everything."""

    core: int
    domains: int = 0
    per_domain: int = 1
    missing: int = 0
    kind: str = world.LIVE
    dead: int = 0
    dead_kind: str = ""
    passes: int = 1
    early: int = 0
    at_once: int = 0
    timeout: float = 10.0
    limit: float = 600.0

    def addresses(self) -> Iterator[str]:
        return world.addresses(self.kind, range(self.domains), self.per_domain, self.missing)

    def groups(self) -> Iterator[list[str]]:
        """The addresses of each domain."""
        for number in range(self.domains):
            yield list(world.addresses(self.kind, range(number, number + 1), self.per_domain, self.missing))


@dataclass
class Outcome:
    """``cpu`` seconds, user and system, of the process; ``wall`` seconds; MB of resident memory: ``before`` the first
    question, ``early`` the peak after ``Job.early`` addresses, ``peak`` at the end. ``slowest``: seconds of each
    hostile server's verdict, by kind. ``states``: how many verdicts of each."""

    addresses: int = 0
    states: dict[str, int] = field(default_factory=dict)
    cpu: float = 0.0
    wall: float = 0.0
    before: float = 0.0
    early: float = 0.0
    peak: float = 0.0
    slowest: dict[str, float] = field(default_factory=dict)

    def verdict(self, state: str) -> None:
        self.addresses += 1
        self.states[state] = self.states.get(state, 0) + 1

    @property
    def us(self) -> float:
        """CPU microseconds an address."""
        return 1e6 * self.cpu / max(self.addresses, 1)


class Clock:
    """Runs from when the client is ready to ask: what it reads once (lists, imports) is not on it."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._cpu = self._wall = 0.0

    def start(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew with what is held now
        self._outcome.before = peak_memory()
        self._cpu, self._wall = _cpu(), time.monotonic()

    def stop(self) -> None:
        self._outcome.cpu, self._outcome.wall = _cpu() - self._cpu, time.monotonic() - self._wall
        self._outcome.peak = peak_memory()


def run(client: Callable[[Job, Outcome, Clock], None]) -> None:
    """The main of a client process: argv[1] names the job's file, the outcome goes to standard output."""
    job = Job(**json.loads(Path(sys.argv[1]).read_text()))
    os.sched_setaffinity(0, {job.core})
    outcome = Outcome()
    client(job, outcome, Clock(outcome))
    print(json.dumps(asdict(outcome)), flush=True)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
