"""What the mark-up around a number says that it is: an icon ("fa-fax"), a class, a picture's name, the head of its
table column. Read from the source, where the number is looked up: none of it is in the text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from html import unescape

from orbweave.site.document import Document
from orbweave.site.phone_words import Label, label_before

_MAX_LOOKED_UP = 40
_MAX_PLACES = 4
_MAX_TAGS = 6
_BEFORE = 900
_MAX_TABLES = 10
_MAX_ROWS = 60
_MAX_TABLE = 60_000

_TAG = re.compile(r"<[^<>]*+>")
_NUMBER = re.compile(r"[+(\d][\d \u00a0()/.\-\u2010-\u2015]{5,30}")
_GROUP = re.compile(r"\d{3,}")
_ROW = re.compile(r"<tr\b", re.IGNORECASE)
_CELL = re.compile(r"<t[hd]\b[^<>]*+>", re.IGNORECASE)
# What ends before it is not about the number.
_ENDS = re.compile(r"</(?:p|div|li|td|th|dd|dt|tr|h\d|address|section|a)\b|<[bh]r\b", re.IGNORECASE)
_NOT_DIGITS = re.compile(r"<[^<>]*>|&[^;]{1,8};|\D")
_LENGTH = 80
_OF_NUMBER = " \t\r\n+-/.()0123456789"
_FAX = re.compile(r"(?<![a-z])(?:tele|e)?fax|[a-z]Fax|fa-print")
_PHONE = re.compile(r"(?<!i)(?<!head)(?<!micro)(?:phone|Phone)|(?<![A-Za-z])tel(?![A-Za-z:])")


class Marks:
    """Of one page's source."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._html = document.html
        self._known: dict[str, Label | None] = {}

    @cached_property
    def speak_of_faxes(self) -> bool:
        """Are there icons and classes of faxes to look for?"""
        return self._document.is_in_source(b"fax") or self._document.is_in_source(b"Fax")

    def of(self, raw: str) -> Label | None:
        """What is said of the number written ``raw`` in the text."""
        if raw not in self._known:
            if len(self._known) >= _MAX_LOOKED_UP:
                return None
            self._known[raw] = self._looked_up(raw)
        return self._known[raw]

    def _looked_up(self, raw: str) -> Label | None:
        groups = _GROUP.findall(raw)
        # Spaces may be entities, and separators tags: the longest digits are looked for.
        needle = max(groups, key=len) if groups else raw
        digits = re.sub(r"\D", "", raw)
        end = digits[digits.find(needle) :]
        at = self._html.find(needle)
        for _ in range(_MAX_PLACES):
            if at < 0:
                break
            here = _NOT_DIGITS.sub("", self._html[at : at + _LENGTH])
            if here.startswith(end) and (label := self._beside(at)) is not None:
                return label
            at = self._html.find(needle, at + len(needle))
        return self._columns.get(digits)

    def _beside(self, at: int) -> Label | None:
        before = self._html[max(0, at - _BEFORE) : at]
        for _ in range(_MAX_TAGS):
            before = before.rstrip(_OF_NUMBER).removesuffix("&nbsp;").rstrip(_OF_NUMBER)
            start = before.rfind("<")
            if start < 0 or not before.endswith(">"):
                return None
            tag, before = before[start:], before[:start]
            if _ENDS.match(tag):
                return None
            # A link says what a click does, not what the number is.
            if tag[1] != "/" and tag[:3].lower() != "<a ":
                fax, phone = _FAX.search(tag) is not None, _PHONE.search(tag) is not None
                if fax != phone:
                    return Label.FAX if fax else Label.PHONE
        return None

    @cached_property
    def _columns(self) -> dict[str, Label]:
        found: dict[str, Label] = {}
        at, count = self._html.find("<table"), 0
        while at >= 0 and count < _MAX_TABLES:
            count += 1
            end = self._html.find("</table", at)
            end = min(end if end >= 0 else len(self._html), at + _MAX_TABLE)
            for digits, label in _columns(self._html[at:end]):
                found.setdefault(digits, label)
            at = self._html.find("<table", max(end, at + 6))
        return found


def _columns(table: str) -> Iterator[tuple[str, Label]]:
    heads: list[Label | None] = []
    for index, row in enumerate(_ROW.split(table, _MAX_ROWS)[1:]):
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
