"""What a client process is told, and what it answers."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """``urls`` the sites' start pages; ``pages`` all of each site's, for a client that follows no links; ``bad`` start
    pages that are crawled beside them and not counted; ``early`` the number of sites after which memory is looked at
    for the first time; ``nameserver`` for clients that can be told one (the others have the names in a hosts file)."""

    urls: list[str]
    core: int
    nameserver: str
    ca_file: str
    pages: dict[str, list[str]] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)
    early: int = 0
    max_pages: int = 10
    sites_at_once: int = 64
    per_host: int = 2


@dataclass(frozen=True)
class Outcome:
    """``cpu`` seconds, user and system, of the process and its children from when it had started; ``peak`` MB of
    resident memory, ``early_peak`` the same after the first ``Job.early`` sites; ``wall`` seconds."""

    pages: int
    emails: int
    cpu: float
    wall: float
    peak: float
    early_peak: float = 0.0

    @property
    def ms(self) -> float:
        """CPU milliseconds a page."""
        return 1000 * self.cpu / max(self.pages, 1)


@dataclass
class Found:
    """What a client handled."""

    pages: int = 0
    emails: set[str] = field(default_factory=set)
    early_peak: float = 0.0
    wall: float | None = None

    def page(self, emails: Collection[str] = ()) -> None:
        self.pages += 1
        self.emails.update(emails)


def peak_memory() -> float:
    """MB. Not ru_maxrss, which begins with the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def run(client: Callable[[Job, Found], None]) -> None:
    """The main of a client process: argv[1] names the job's file, the outcome goes to standard output."""
    job = Job(**json.loads(Path(sys.argv[1]).read_text()))
    os.sched_setaffinity(0, {job.core})
    found = Found()
    cpu, wall = _cpu(), time.monotonic()
    client(job, found)
    outcome = Outcome(
        pages=found.pages,
        emails=len(found.emails),
        cpu=_cpu() - cpu,
        wall=found.wall or time.monotonic() - wall,
        peak=peak_memory(),
        early_peak=found.early_peak,
    )
    print(json.dumps(asdict(outcome)), flush=True)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
