"""Blocks of pages -> one text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from orbweave.site.compendium.boilerplate import with_content
from orbweave.site.compendium.markdown import Block
from orbweave.site.compendium.page import Page
from orbweave.site.kinds import fold

JOINT = "\n\n"
_MARK = re.compile("\ue000(\\d+)\ue001")
_NOT_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Compendium:
    """``pages`` how many of them are in it; ``complete`` False when ``max_chars`` was reached."""

    text: str
    pages: int
    complete: bool


def compose(
    pages: Sequence[Page],
    *,
    max_chars: int = 100_000,
    separator: str = "\n\n---\n\n",
    remove_duplicates: bool = True,
    priority_sections: Sequence[str] = (),
) -> Compendium:
    """Pages in the given order, those and the sections that ``priority_sections`` name (a page kind, or a word of a
    heading) first, in its order. Each begins with its title and address. With ``remove_duplicates`` a block is there
    once, however many pages it is on; a heading again when something new stands below it."""
    text = _Text(max_chars, separator)
    seen: set[str] = set()
    for page, blocks in _in_order(pages, priority_sections):
        if remove_duplicates:
            blocks = _unseen(blocks, seen)
        if any(block.kind != "rule" for block in blocks) and not text.add(page, blocks):
            return Compendium(text.done(), text.pages, complete=False)
    return Compendium(text.done(), text.pages, complete=True)


@dataclass
class _Text:
    """Grows by whole blocks, and with them by the references that they need at its end."""

    max_chars: int
    separator: str
    parts: list[str] = field(default_factory=list)
    size: int = 0
    pages: int = 0
    references: dict[str, int] = field(default_factory=dict)
    references_size: int = 0

    def add(self, page: Page, blocks: Sequence[Block]) -> bool:
        """False when not all of it fits."""
        joint = self.separator if self.parts else ""
        for lines in _opening(page, blocks):
            if not self._put(lines, joint, page):
                # Better the beginning of a block than nothing at all.
                if not self.parts and self._put(_cut(lines, self.max_chars), "", page):
                    self.pages = 1
                return False
            self.pages += joint is not JOINT
            joint = JOINT
        return True

    def _put(self, lines: list[str], joint: str, page: Page) -> bool:
        text = JOINT.join(lines)
        new: dict[str, int] = {}

        def number(mark: re.Match[str]) -> str:
            url = page.links[int(mark[1])]
            known = self.references.get(url) or new.setdefault(url, len(self.references) + len(new) + 1)
            return f"[{known}]"

        text = joint + _MARK.sub(number, text)
        grown = sum(len(_reference(url, n)) + 1 for url, n in new.items())
        if new and not self.references:
            grown += len(JOINT) - 1
        if not text or self.size + len(text) + self.references_size + grown > self.max_chars:
            return False
        self.parts.append(text)
        self.size += len(text)
        self.references.update(new)
        self.references_size += grown
        return True

    def done(self) -> str:
        text = "".join(self.parts)
        if self.references:
            text += JOINT + "\n".join(_reference(url, number) for url, number in self.references.items())
        return text


def _opening(page: Page, blocks: Sequence[Block]) -> Iterator[list[str]]:
    """A page's title and address go with its first block: alone they would say nothing."""
    head = [f"<{page.url}>"]
    named = next((block for block in blocks if block.level == 1), None)
    if named is not None:
        head = [named.text, *head]
        blocks = [block for block in blocks if block is not named]
    elif page.title:
        head = [f"# {page.title}", *head]
    if not blocks:
        yield head
        return
    yield [*head, blocks[0].text]
    for block in blocks[1:]:
        yield [block.text]


def _reference(url: str, number: int) -> str:
    return f"[{number}]: {url}"


def _cut(lines: list[str], max_chars: int) -> list[str]:
    """The words of ``lines`` that fit."""
    text = _MARK.sub("", JOINT.join(lines))
    if len(text) > max_chars:
        end = max(text.rfind(" ", 0, max_chars + 1), text.rfind("\n", 0, max_chars + 1))
        text = text[: end if end > 0 else max_chars].rstrip()
    return [text]


def _in_order(pages: Sequence[Page], priority: Sequence[str]) -> Iterator[tuple[Page, Sequence[Block]]]:
    if not priority:
        yield from ((page, page.blocks) for page in pages)
        return
    words = [fold(word) for word in priority]
    ranked: list[tuple[int, Page, list[Block]]] = []
    for page in pages:
        if page.kind in words:
            ranked.append((words.index(page.kind), page, list(page.blocks)))
            continue
        parts: dict[int, list[Block]] = {}
        for rank, block in _ranks(page.blocks, words):
            parts.setdefault(rank, []).append(block)
        ranked.extend((rank, page, blocks) for rank, blocks in parts.items())
    ranked.sort(key=lambda one: one[0])
    yield from ((page, blocks) for _, page, blocks in ranked)


def _ranks(blocks: Sequence[Block], words: Sequence[str]) -> Iterator[tuple[int, Block]]:
    """A section is as important as the word its heading holds, with all that is below it."""
    last = len(words)
    rank, since = last, 0
    for block in blocks:
        if block.level and (rank == last or block.level <= since):
            heading = fold(block.text)
            rank = next((index for index, word in enumerate(words) if word in heading), last)
            since = block.level
        yield rank, block


def _unseen(blocks: Sequence[Block], seen: set[str]) -> list[Block]:
    keep = []
    for block in blocks:
        key = _NOT_WORDS.sub(" ", _MARK.sub("", block.text)).strip().casefold() or block.text
        keep.append(bool(block.level) or block.kind == "rule" or key not in seen)
        if not block.level:
            seen.add(key)
    return [block for block, kept in zip(blocks, with_content(blocks, keep), strict=True) if kept]
