"""How long the practice servers take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: ``latency`` before each answer, ``greylist`` until a greylisted mailbox is accepted, ``hostile`` at most
    for what would be endless. ``slowness`` multiplies the delays of slow behaviours."""

    latency: float = 0.0
    slowness: float = 1.0
    greylist: float = 2.0
    hostile: float = 60.0
