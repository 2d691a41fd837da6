"""How often a client may call: the generic cell rate algorithm, in this process. Pure but for the clock."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

SWEEP_SIZE = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """``per_minute`` requests in the long run (0: unlimited), ``burst`` of them at once."""

    per_minute: int
    burst: int

    @property
    def interval(self) -> float:
        return 60 / self.per_minute


@dataclass(frozen=True, slots=True)
class Decision:
    """``remaining`` requests are possible right now; in ``reset_after`` seconds the whole burst is again."""

    allowed: bool
    limit: int
    remaining: int
    reset_after: float
    retry_after: float = 0.0

    def headers(self, now: float) -> dict[str, str]:
        """``now`` is Unix time."""
        if not self.limit:
            return {}
        headers = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(math.ceil(now + self.reset_after)),
        }
        if not self.allowed:
            headers["Retry-After"] = str(max(1, math.ceil(self.retry_after)))
        return headers


UNLIMITED = Decision(allowed=True, limit=0, remaining=0, reset_after=0.0)


class RateLimiter:
    """Per key the theoretical arrival time: when its last admitted request is paid for."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._paid_at: dict[str, float] = {}
        self._sweep_at = SWEEP_SIZE

    def hit(self, key: str, rate: Rate) -> Decision:
        """Count one request; a refused one costs nothing."""
        return self._decide(key, rate, cost=1)

    def peek(self, key: str, rate: Rate) -> Decision:
        return self._decide(key, rate, cost=0)

    def _decide(self, key: str, rate: Rate, cost: int) -> Decision:
        if not rate.per_minute:
            return UNLIMITED
        now = self._clock()
        debt = max(0.0, self._paid_at.get(key, now) - now)
        room = rate.burst - math.ceil(debt / rate.interval - 1e-9)
        if room < cost:
            wait = debt - (rate.burst - 1) * rate.interval
            return Decision(False, rate.per_minute, 0, debt, retry_after=wait)
        if cost:
            debt += cost * rate.interval
            self._paid_at[key] = now + debt
            if len(self._paid_at) > self._sweep_at:
                self._paid_at = {key: paid_at for key, paid_at in self._paid_at.items() if paid_at > now}
                self._sweep_at = max(SWEEP_SIZE, 2 * len(self._paid_at))
        return Decision(True, rate.per_minute, max(0, room - cost), debt)
