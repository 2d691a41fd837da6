"""What a model said, as JSON. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

_CANDIDATES = 50
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)\n\s*```", re.DOTALL)


def find_json(text: str) -> Any:
    """The JSON value in ``text``, alone or with words, thoughts or fences around it. Raises ValueError."""
    text = text.rpartition("</think>")[2].strip()
    fenced = _FENCE.search(text)
    for whole in (text, fenced[1] if fenced else ""):
        try:
            return clean(orjson.loads(whole.encode("utf-8", "replace")))
        except orjson.JSONDecodeError:
            continue
    decoder = json.JSONDecoder()
    for start in [found.start() for found in re.finditer(r"[{\[]", text)][:_CANDIDATES]:
        try:
            _, end = decoder.raw_decode(text, start)
            return clean(orjson.loads(text[start:end].encode("utf-8", "replace")))
        except (ValueError, RecursionError):
            continue
    raise ValueError("there is no JSON in it, or it is cut off")


def clean(value: Any) -> Any:
    """``value`` without the characters that no store and no terminal should be given."""
    if isinstance(value, str):
        return _CONTROLS.sub("", value)
    if isinstance(value, list):
        return [clean(each) for each in value]
    if isinstance(value, dict):
        return {clean(name): clean(each) for name, each in value.items()}
    return value
