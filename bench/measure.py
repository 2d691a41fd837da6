"""Ratios: the machine is shared and noisy, so only what ran side by side is compared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from typing import Literal

Measure = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Ratio:
    """One line of the report. ``target`` None: for information. ``detail`` says the medians behind it."""

    bench: str
    what: str
    value: float
    sense: Literal["<=", ">="] = ">="
    target: float | None = None
    detail: str = ""

    @property
    def met(self) -> bool:
        if self.target is None:
            return True
        return self.value <= self.target if self.sense == "<=" else self.value >= self.target


async def rounds(n: int, *contenders: Measure) -> list[list[float]]:
    """``n`` rounds in which every contender is measured once, each round from another one on; the values of each."""
    values: list[list[float]] = [[] for _ in contenders]
    for number in range(n):
        for turn in range(len(contenders)):
            which = (number + turn) % len(contenders)
            values[which].append(await contenders[which]())
    return values


def ratio(one: list[float], other: list[float]) -> float:
    """The median over the rounds of one contender's value through the other's in the same round."""
    return median(a / b for a, b in zip(one, other, strict=True))
