"""Where clients are played: a network and a resolver's file of their own, servers in it, and one core for the client.

In that network every server has the port that it has in the world (25, 53) and /etc/resolv.conf names ours, so no
client has to be told or changed, and none can reach anybody else."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.verify import world
from bench.verify.job import Job, Outcome
from orbweave.errors import OrbweaveError

_AS_ROOT = os.geteuid() == 0


@dataclass(frozen=True)
class Client:
    """``module`` of bench.verify.clients."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()


OURS = Client("ours", "ours")


@dataclass(frozen=True)
class Stage:
    servers: asyncio.subprocess.Process
    core: int
    folder: Path

    async def play(self, client: Client, **job: object) -> tuple[Outcome, dict[str, int]]:
        """A fresh process of ``client``, and what the servers saw of it. Raises OrbweaveError when it fails."""
        await self._seen()
        file = self.folder / "job.json"
        file.write_text(json.dumps(dataclasses.asdict(Job(core=self.core, **job))))  # type: ignore[arg-type]
        entered = ["nsenter", "--target", str(self.servers.pid), "--net", "--mount", f"--wd={Path.cwd()}"]
        if not _AS_ROOT:
            entered += ["--user", "--preserve-credentials"]
        process = await asyncio.create_subprocess_exec(
            *entered,
            sys.executable,
            "-m",
            f"bench.verify.clients.{client.module}",
            str(file),
            *client.arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        if process.returncode or not output.strip():
            raise OrbweaveError(f"{client.name} failed: {errors.decode(errors='replace')[-2000:]}")
        return Outcome(**json.loads(output.splitlines()[-1])), await self._seen()

    async def _seen(self) -> dict[str, int]:
        assert self.servers.stdin is not None
        assert self.servers.stdout is not None
        self.servers.stdin.write(b"\n")
        found: dict[str, int] = json.loads(await self.servers.stdout.readline())
        return found


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    cores = sorted(os.sched_getaffinity(0))
    # The servers keep off the client's core.
    os.sched_setaffinity(0, set(cores[:-1]) or set(cores))
    try:
        with tempfile.TemporaryDirectory(prefix="orbweave-bench-") as name:
            async with _servers(Path(name)) as servers:
                yield Stage(servers, cores[-1], Path(name))
    finally:
        os.sched_setaffinity(0, cores)


@asynccontextmanager
async def _servers(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    resolver = folder / "resolv.conf"
    resolver.write_text(f"nameserver {world.NAME_SERVER}\n")
    process = await asyncio.create_subprocess_exec(
        "unshare",
        "--net",
        "--mount",
        *([] if _AS_ROOT else ["--map-root-user"]),
        "sh",
        "-c",
        'mount --bind "$0" /etc/resolv.conf && exec "$@"',
        str(resolver),
        sys.executable,
        "-m",
        "bench.verify.servers",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if not await process.stdout.readline():
            raise OrbweaveError("No network of its own could be made; the bench needs Linux with unshare and nsenter.")
        yield process
    finally:
        process.stdin.close()
        await process.wait()
