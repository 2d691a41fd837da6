"""What the mark-up around a number says that it is: an icon ("fa-fax"), a class, a picture's name, the head of its
table column. Read from the source: none of it is in the text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from orbweave.site.phone_words import Label, label_before

_MAX_MARKS = 60
_MAX_TABLES = 10
_MAX_ROWS = 60
_MAX_TABLE = 60_000
_BEHIND = 300
_REACH = 16

_ICONS = (
    ("fax", Label.FAX),
    ("Fax", Label.FAX),
    ("FAX", Label.FAX),
    ("fa-print", Label.FAX),
    ("phone", Label.PHONE),
    ("Phone", Label.PHONE),
)
_TAG = re.compile(r"<[^<>]*+>")
_NUMBER = re.compile(r"[+(\d][\d \u00a0()/.\-\u2010-\u2015]{5,30}")
_ROW = re.compile(r"<tr\b", re.IGNORECASE)
_CELL = re.compile(r"<t[hd]\b[^<>]*+>", re.IGNORECASE)


def marks(html: str) -> dict[str, Label]:
    """The digits of each marked number -> what it is."""
    found: dict[str, Label] = {}
    for digits, label in (*_beside_icons(html), *_in_columns(html)):
        found.setdefault(digits, label)
    return found


def _beside_icons(html: str) -> Iterator[tuple[str, Label]]:
    for word, label in _ICONS:
        at, count = html.find(word), 0
        while at >= 0 and count < _MAX_MARKS:
            count += 1
            tag_start, tag_end = html.rfind("<", max(0, at - 200), at), html.find(">", at, at + 300)
            if tag_start >= 0 and tag_end >= 0 and _marks(html, tag_start, tag_end, at, word):
                text = unescape(_TAG.sub("\n", html[tag_end + 1 : tag_end + _BEHIND])).lstrip()
                match = _NUMBER.search(text, 0, _REACH + 30)
                if match and match.start() <= _REACH:
                    yield re.sub(r"\D", "", match[0]), label
            at = html.find(word, at + len(word))


def _marks(html: str, tag_start: int, tag_end: int, at: int, word: str) -> bool:
    """Is ``word`` one of the words of a tag, and no part of another ("carfax", "phone-fax", "iPhone")?"""
    tag = html[tag_start : tag_end + 1]
    if ">" in tag[:-1] or (tag[1:2] in "!/sS" and tag[1:5].lower() != "span" and tag[1:4].lower() != "svg"):
        return False
    if (tag[1:2] in "aA" and tag[2:3].isspace()) or tag[1:6].lower() in ("input", "meta ", "link ", "form "):
        return False
    before = html[at - 1]
    if word[0].islower() and before.isalpha() and not html[:at].endswith(("tele", "Tele", "tel", "smart")):
        return False
    lowered = tag.lower()
    return not ("fax" in lowered and ("phone" in lowered or "tel_" in lowered or "tel-" in lowered))


def _in_columns(html: str) -> Iterator[tuple[str, Label]]:
    at, count = html.find("<table"), 0
    while at >= 0 and count < _MAX_TABLES:
        count += 1
        end = html.find("</table", at)
        end = min(end if end >= 0 else len(html), at + _MAX_TABLE)
        yield from _columns(html[at:end])
        at = html.find("<table", max(end, at + 6))


def _columns(table: str) -> Iterator[tuple[str, Label]]:
    heads: list[Label | None] = []
    for index, row in enumerate(_ROW.split(table)[1 : _MAX_ROWS + 1]):
        if not heads and index > 2:
            return
        cells = [" ".join(unescape(_TAG.sub(" ", cell)).split()) for cell in _CELL.split(row)[1:16]]
        if not heads:
            labels = [_head(cell) for cell in cells]
            # "Tel | 232 12 34" is a row of its own: heads have no numbers beside them.
            if len(cells) > 1 and any(labels) and not any(_NUMBER.search(cell, 0, 60) for cell in cells):
                heads = labels
            continue
        for label, cell in zip(heads, cells, strict=False):
            if label in (Label.PHONE, Label.FAX) and (match := _NUMBER.search(cell, 0, 60)):
                yield re.sub(r"\D", "", match[0]), label


def _head(cell: str) -> Label | None:
    if not 1 <= len(cell) <= 30 or any(map(str.isdigit, cell)):
        return None
    return label_before(f"{cell} ")
