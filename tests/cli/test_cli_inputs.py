from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.cli import inputs
from orbweave.errors import InvalidInput


async def listed(values: AsyncIterator[str]) -> list[str]:
    return [value async for value in values]


async def source(*values: str) -> AsyncIterator[str]:
    for value in values:
        yield value


async def test_arguments_then_the_file(tmp_path: Path) -> None:
    file = tmp_path / "urls.txt"
    file.write_bytes(b"\xef\xbb\xbf# comment\r\n\r\n  c  \r\nd")
    assert await listed(inputs.read(["a", "b"], file, "URLs")) == ["a", "b", "c", "d"]


async def test_nothing_to_read_is_said() -> None:
    with pytest.raises(InvalidInput, match="give URLs as arguments"):
        await listed(inputs.read([], None, "URLs"))


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> int:
    """The writing end of stdin."""
    reading, writing = os.pipe()
    monkeypatch.setattr("sys.stdin", os.fdopen(reading))
    return writing


async def test_stdin_lines_are_handed_on_as_they_come(stdin: int) -> None:
    lines = inputs.read(["-"], None, "URLs")
    os.write(stdin, b"a\nb")
    assert await anext(lines) == "a"
    os.write(stdin, b"c\n\n# no\n")
    assert await anext(lines) == "bc"
    os.write(stdin, b"last")
    os.close(stdin)
    assert await listed(lines) == ["last"]


async def test_stdin_may_be_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("a\n\nb\n")
    with (tmp_path / "in").open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert await listed(inputs.read([], Path("-"), "URLs")) == ["a", "b"]


@given(values=st.lists(st.text(max_size=3), max_size=20), concurrency=st.integers(1, 5))
def test_each_input_is_worked_on_once_within_the_limit(values: list[str], concurrency: int) -> None:
    running = most = 0

    async def work(value: str) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return value

    async def all_results() -> list[str]:
        return [result async for result in inputs.each(source(*values), work, concurrency)]

    assert sorted(asyncio.run(all_results())) == sorted(values)
    assert most <= concurrency


async def test_results_come_as_they_finish_not_in_order() -> None:
    gates = {"slow": asyncio.Event(), "fast": asyncio.Event()}

    async def work(value: str) -> str:
        await gates[value].wait()
        return value

    results = inputs.each(source("slow", "fast"), work, 2)
    gates["fast"].set()
    assert await anext(results) == "fast"
    gates["slow"].set()
    assert await anext(results) == "slow"


async def test_leaving_early_cancels_what_runs() -> None:
    cancelled = asyncio.Event()

    async def work(value: str) -> str:
        if value == "quick":
            return value
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return value

    async with aclosing(inputs.each(source("stuck", "quick"), work, 2)) as results:
        assert await anext(results) == "quick"
    await cancelled.wait()


async def test_a_failure_ends_all() -> None:
    async def work(value: str) -> str:
        raise InvalidInput(value)

    with pytest.raises(InvalidInput, match="a"):
        await anext(inputs.each(source("a"), work, 2))
