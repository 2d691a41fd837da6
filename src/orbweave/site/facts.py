"""What an extractor says about a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_CONTEXT = 120


@dataclass(frozen=True, slots=True)
class Fact:
    """``value`` in canonical form (lower-case address, E.164, profile URL, one-line postal address); ``method`` how it
    was found (mailto, text, json-ld, …); ``context`` the words around it; ``detail`` the parts of the value."""

    kind: str
    value: str
    method: str
    context: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def around(text: str, start: int, end: int, reach: int = 60) -> str:
    """The words around ``text[start:end]``, on one line."""
    reach = max(0, min(reach, (MAX_CONTEXT - (end - start)) // 2))
    return " ".join(text[max(0, start - reach) : end + reach].split())[:MAX_CONTEXT]
