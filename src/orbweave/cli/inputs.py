"""Inputs of the commands that take many: arguments, --file or stdin, each handed on as soon as it is there."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from orbweave.errors import InvalidInput

STDIN = "-"

File = Annotated[
    Path | None,
    typer.Option("--file", "-f", help="Read one input per line from this file too; - is stdin.", allow_dash=True),
]

Result = TypeVar("Result")


async def read(arguments: Sequence[str], file: Path | None, what: str) -> AsyncIterator[str]:
    """The inputs in order; blank lines and lines starting with # are skipped. ``-`` among the arguments is stdin.

    Raises InvalidInput when there are none or the file cannot be read; ``what`` names them in the message.
    """
    if not arguments and file is None:
        raise InvalidInput(f"Nothing to do: give {what} as arguments, with --file FILE, or - to read them from stdin.")
    for argument in arguments:
        if argument == STDIN:
            async for line in _stdin():
                yield line
        else:
            yield argument
    if file is not None:
        async for line in _stdin() if str(file) == STDIN else _file(file):
            yield line


async def each(
    inputs: AsyncIterator[str], work: Callable[[str], Coroutine[Any, Any, Result]], concurrency: int
) -> AsyncGenerator[Result]:
    """What ``work`` makes of each input, as it finishes, at most ``concurrency`` at once."""
    running: set[asyncio.Task[Result]] = set()
    coming: asyncio.Task[str | None] | None = _next(inputs)
    try:
        while coming or running:
            waiting: set[asyncio.Task[Any]] = {*running}
            if coming and len(running) < concurrency:
                waiting.add(coming)
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in running & done:
                running.discard(task)
                yield task.result()
            if coming in done:
                value = coming.result()
                coming = None if value is None else _next(inputs)
                if value is not None:
                    running.add(asyncio.create_task(work(value)))
    finally:
        for pending in (*running, coming):
            if pending is not None:
                pending.cancel()


def _next(inputs: AsyncIterator[str]) -> asyncio.Task[str | None]:
    async def one() -> str | None:
        return await anext(inputs, None)

    return asyncio.create_task(one())


async def _file(path: Path) -> AsyncIterator[str]:
    try:
        stream = path.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise InvalidInput(f"Cannot read {path}: {error.strerror}.", field="file") from None
    with stream:
        for line in filter(None, map(_clean, stream)):
            yield line


async def _stdin() -> AsyncIterator[str]:
    """Lines as they arrive. A blocking read would hold up Ctrl-C, and a regular file cannot be waited for."""
    descriptor = sys.stdin.fileno()
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or (stat.S_ISCHR(mode) and not os.isatty(descriptor)):  # a file, or /dev/null
        for line in filter(None, map(_clean, sys.stdin)):
            yield line
        return
    async with aclosing(_chunks(descriptor)) as chunks:
        rest = b""
        async for chunk in chunks:
            *whole, rest = (rest + chunk).split(b"\n")
            for line in filter(None, map(_clean, _decoded(whole))):
                yield line
        for line in filter(None, map(_clean, _decoded([rest]))):
            yield line


async def _chunks(descriptor: int) -> AsyncGenerator[bytes]:
    loop = asyncio.get_running_loop()
    while True:
        readable = asyncio.Event()
        loop.add_reader(descriptor, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(descriptor)
        chunk = os.read(descriptor, 65536)
        if not chunk:
            return
        yield chunk


def _decoded(lines: Sequence[bytes]) -> Iterator[str]:
    return (line.decode(errors="replace") for line in lines)


def _clean(line: str) -> str:
    line = line.strip().lstrip("\ufeff")
    return "" if line.startswith("#") else line
