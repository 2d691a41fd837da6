"""Reading JSON-LD the way it is really written: values that are text, numbers, lists or objects by turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ORGANIZATION_ENDINGS = (
    "organization", "business", "corporation", "restaurant", "store", "hotel", "company", "clinic", "dentist", "school",
    "service", "shop", "bakery", "bar", "pub", "cafe", "attorney", "agency", "salon", "spa", "lodging", "physician",
    "pharmacy", "hospital", "ngo", "club", "gym", "winery", "brewery", "office", "contractor", "foodestablishment",
)  # fmt: skip


def text_of(value: Any, limit: int = 300) -> str | None:
    """``value`` as one line of text: itself, its first element, its name or @value; None when there is none."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("name") or value.get("@value") or value.get("value")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return " ".join(str(value).split())[:limit] or None


def url_of(value: Any) -> str | None:
    """The address in ``value``: itself, its first element, its url, contentUrl or @id."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get("url") or value.get("contentUrl") or value.get("@id")
    return value.strip() if isinstance(value, str) and value.strip() else None


def types_of(thing: Mapping[str, Any]) -> list[str]:
    """The @type names, lower case, without their vocabulary."""
    value = thing.get("@type")
    names = value if isinstance(value, list) else [value]
    return [name.rpartition("/")[2].rpartition(":")[2].lower() for name in names if isinstance(name, str)]


def is_organization(thing: Mapping[str, Any]) -> bool:
    return any(name.endswith(_ORGANIZATION_ENDINGS) for name in types_of(thing))


def is_person(thing: Mapping[str, Any]) -> bool:
    return "person" in types_of(thing)
