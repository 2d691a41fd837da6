"""A name server to whom every name leads to one address of this machine: ``python -m bench.site.names``.

A process of its own, so that its work is on nobody's account. Prints its port, ends with its input."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager

from orbweave.practice.dns import DnsServer, Name
from orbweave.practice.log import Log


class _Everything(Mapping[str, Name]):
    def __getitem__(self, name: str) -> Name:
        return Name(("127.0.0.1",))

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@asynccontextmanager
async def name_server() -> AsyncIterator[str]:
    """``address:port`` of one that runs until the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.site.names", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.stdin.close()
        await process.wait()


async def main() -> None:
    server = DnsServer(_Everything(), Log())
    await server.start()
    print(server.port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
