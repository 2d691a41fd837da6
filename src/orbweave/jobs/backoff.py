"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta


def backoff(attempt: int, delays: Sequence[float]) -> timedelta:
    """After the ``attempt``-th start (1, 2, …) failed; ``delays`` in seconds, the last one repeats. ±20 % jitter keeps
    jobs that failed together from coming back together."""
    seconds = delays[min(attempt, len(delays)) - 1] if delays else 0.0
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))
