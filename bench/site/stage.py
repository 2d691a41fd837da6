"""Where clients are played: the sites, a name server, and one core that nothing else runs on."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.site.job import Job, Outcome
from bench.site.names import name_server
from bench.site.nginx import Served, serve
from orbweave.errors import OrbweaveError


@dataclass(frozen=True)
class Client:
    """``module`` of bench.site.clients; ``uses_hosts_file``: it can't be told a name server."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    uses_hosts_file: bool = False


@dataclass(frozen=True)
class Stage:
    served: Served
    nameserver: str
    core: int
    folder: Path

    def job(self, urls: Sequence[str], **options: object) -> Job:
        ca_file = str(self.served.ca_file)
        return Job(urls=list(urls), core=self.core, nameserver=self.nameserver, ca_file=ca_file, **options)  # type: ignore[arg-type]

    async def play(self, client: Client, job: Job) -> Outcome:
        """A fresh process of ``client``. Raises OrbweaveError when it fails."""
        file = self.folder / "job.json"
        file.write_text(json.dumps(dataclasses.asdict(job)))
        command = [sys.executable, "-m", f"bench.site.clients.{client.module}", str(file), *client.arguments]
        if client.uses_hosts_file:
            command = [*self._with_hosts(job), *command]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        output, errors = await process.communicate()
        if process.returncode or not output.strip():
            raise OrbweaveError(f"{client.name} failed: {errors.decode(errors='replace')[-2000:]}")
        return Outcome(**json.loads(output.splitlines()[-1]))

    def _with_hosts(self, job: Job) -> list[str]:
        """A prefix that gives a command its own /etc/hosts, in a mount namespace: nobody else sees it."""
        hosts = self.folder / "hosts"
        names = "".join(f"127.0.0.1 {url.split('/')[2].partition(':')[0]}\n" for url in job.urls)
        hosts.write_text(f"127.0.0.1 localhost\n{names}")
        namespace = "--mount" if os.geteuid() == 0 else "--map-root-user"
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        return ["unshare", "--mount", namespace, "sh", "-c", script, str(hosts)]


@asynccontextmanager
async def stage(count: int) -> AsyncIterator[Stage]:
    """``count`` sites over http and https."""
    cores = sorted(os.sched_getaffinity(0))
    # The servers keep off the clients' core.
    os.sched_setaffinity(0, set(cores[:-1]) or set(cores))
    try:
        with tempfile.TemporaryDirectory(prefix="orbweave-bench-") as name:
            folder = Path(name)
            async with serve(folder / "web", count, ("http", "https")) as served, name_server() as nameserver:
                yield Stage(served, nameserver, cores[-1], folder)
    finally:
        os.sched_setaffinity(0, cores)
