"""Many verdicts as one answer (contract 2.3). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

STATUSES = ("valid", "invalid", "risky", "unknown", "skipped")


def summary(verdicts: Sequence[dict[str, Any]], seconds: float, rate_limit_delay: float = 0.0) -> dict[str, Any]:
    """The `data` of a verify job; ``verdicts`` as ``Verdict.data()`` gives them."""
    counts = Counter(one["status"] for one in verdicts)
    return {
        "total": len(verdicts),
        "summary": {status: counts[status] for status in STATUSES},
        "results": list(verdicts),
        "metadata": {
            "total_time_seconds": round(seconds, 3),
            "rate_limit_delay_seconds": round(rate_limit_delay, 3),
        },
    }


def is_valid_count(result: dict[str, Any]) -> bool:
    """Whether a result counts as a valid e-mail: deliverable, and neither catch-all, disposable nor full.
    Role addresses count: they are what a business publishes."""
    flags = result["flags"]
    spoilt = flags["is_catch_all"] or flags["is_disposable"] or flags["has_full_inbox"]
    return bool(flags["is_deliverable"]) and not spoilt
