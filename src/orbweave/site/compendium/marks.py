"""What an element's name, role, class and id say about it. Pure.

The words live in ``data/boilerplate.txt``: one a line, ``-`` for any or no joint between them; after ``links`` those
that count only where most of the text is links.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache, lru_cache
from importlib import resources


class Mark(Enum):
    DROP = "drop"
    HIDDEN = "hidden"
    SUSPECT = "suspect"
    SUSPECT_IF_LINKS = "suspect if links"
    MAIN = "main"
    HEADER = "header"


_TAGS = {
    "nav": Mark.DROP,
    "footer": Mark.DROP,
    "aside": Mark.SUSPECT,
    "main": Mark.MAIN,
    "article": Mark.MAIN,
    "header": Mark.HEADER,
    "menu": Mark.SUSPECT_IF_LINKS,
    "search": Mark.DROP,
}
_ROLES = {
    **dict.fromkeys(("navigation", "contentinfo", "search", "menu", "menubar", "toolbar"), Mark.DROP),
    **dict.fromkeys(("dialog", "alertdialog", "complementary"), Mark.SUSPECT),
    "main": Mark.MAIN,
    "article": Mark.MAIN,
    "banner": Mark.HEADER,
}
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_JOINTS = re.compile(r"[-_]+")
_INVISIBLE = ("display:none", "visibility:hidden")


def mark_of(tag: str, attributes: dict[str, str | None]) -> Mark | None:
    """None: nothing speaks against it."""
    if not attributes:
        return _TAGS.get(tag)
    if "hidden" in attributes:
        return Mark.HIDDEN
    style = attributes.get("style")
    if style and any(way in style.replace(" ", "").lower() for way in _INVISIBLE):
        return Mark.HIDDEN
    return _named(
        tag,
        attributes.get("role") or "",
        f"{attributes.get('class') or ''} {attributes.get('id') or ''}"[:300],
        (attributes.get("aria-label") or "")[:50] if tag in ("div", "ol", "ul", "section") else "",
    )


@lru_cache(maxsize=8192)
def _named(tag: str, role: str, names: str, label: str) -> Mark | None:
    if found := _ROLES.get(role) or _TAGS.get(tag):
        return found
    if tag in ("body", "html"):
        return None
    always, with_links = _words()
    names = _JOINTS.sub("-", _HUMPS.sub("-", f"{names} {label}").lower())
    if always.search(names):
        return Mark.SUSPECT
    return Mark.SUSPECT_IF_LINKS if with_links.search(names) else None


@cache
def _words() -> tuple[re.Pattern[str], re.Pattern[str]]:
    text = (resources.files(__package__) / "data" / "boilerplate.txt").read_text(encoding="utf-8")
    always, _, with_links = text.partition("\nlinks\n")
    return _one_of(always), _one_of(with_links)


def _one_of(words: str) -> re.Pattern[str]:
    kept = [word for line in words.split("\n") if (word := line.strip()) and word[0] != "#"]
    choices = "|".join(re.escape(word).replace(r"\-", "-?") for word in kept)
    return re.compile(rf"(?<![a-z0-9])(?:{choices})(?![a-z0-9])")
