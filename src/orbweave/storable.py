"""Text that every database and every encoder takes: pages can hold NUL characters and halves of others. Pure."""

from __future__ import annotations

from typing import Any


def storable(value: Any) -> Any:
    """``value`` (text, lists and objects with text keys) without them."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [storable(one) for one in value]
    if isinstance(value, dict):
        return {storable(name): storable(one) for name, one in value.items()}
    return value


def _text(text: str) -> str:
    if "\x00" in text:
        text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
