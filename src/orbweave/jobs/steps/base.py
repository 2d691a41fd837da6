"""The shape of a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, Protocol, TypeVar

import asyncpg

from orbweave.errors import InvalidInput
from orbweave.jobs.model import Outcome

Work = TypeVar("Work")
Value = TypeVar("Value")


class Step(Protocol[Work, Value]):
    """``begin`` and ``end`` run inside a transaction that also moves the queue; ``run`` runs outside of any."""

    entrypoint: ClassVar[str]

    async def begin(self, conn: asyncpg.Connection, keys: Sequence[str], worker_id: str) -> Mapping[str, Work]:
        """Mark what waits for these keys as processing. A key without waiting work is absent from the answer."""
        ...

    def attempt(self, work: Work) -> int:
        """How often this work has been started, this time included."""
        ...

    def jobs(self, work: Work) -> frozenset[int]:
        """The jobs the work serves, for cancelling."""
        ...

    async def run(self, work: Work) -> Value:
        """The work itself. Raises InvalidInput when it can never succeed; anything else is tried again."""
        ...

    async def end(
        self, conn: asyncpg.Connection, ended: Sequence[tuple[str, Work | None, Outcome[Value] | None]]
    ) -> Mapping[str, timedelta]:
        """Write what (key, work, outcome) came to. Answers the keys that still have work, with the delay until then.
        Work is None for a key for which nothing waited."""
        ...


def permanent(error: Exception) -> bool:
    return isinstance(error, InvalidInput)


def sentence(error: Exception) -> str:
    """What a person is told of it."""
    return str(error) if permanent(error) else f"{type(error).__name__}: {error}"[:500]
