"""Which blocks of a page are its own content. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

from orbweave.site.compendium.markdown import Block, Rendered
from orbweave.site.compendium.marks import Mark
from orbweave.site.kinds import fold

# Whatever is called a sidebar, most of a page is not one.
_MOST = 0.5
_MAIN_CHARS = 200
_MAIN_SHARE = 0.4
_LINK_DENSITY = 0.6
_SENTENCE = 80


def content(page: Rendered) -> list[Block]:
    """Its blocks without menus, footers, banners, sidebars and teasers for other pages."""
    blocks = page.blocks
    keep = _outside_groups(blocks, page.groups)
    total = sum(block.chars for block, kept in zip(blocks, keep, strict=True) if kept)
    main = sum(block.chars for block, kept in zip(blocks, keep, strict=True) if kept and block.zone == "main")
    has_main = main >= _MAIN_CHARS and main >= _MAIN_SHARE * total
    if any(kept and block.zone == "main" and block.level == 1 for block, kept in zip(blocks, keep, strict=True)):
        # The other is the name of the whole site.
        keep = [kept and (block.zone == "main" or block.level != 1) for block, kept in zip(blocks, keep, strict=True)]
    keep = [kept and _belongs(block, has_main) for block, kept in zip(blocks, keep, strict=True)]
    _drop_teasers(blocks, keep)
    keep = with_content(blocks, keep)
    found = [block for block, kept in zip(blocks, keep, strict=True) if kept]
    while found and found[-1].kind == "rule":
        found.pop()
    return found


def with_content(blocks: Sequence[Block], keep: Sequence[bool]) -> list[bool]:
    """``keep``, without the headings that lost all that stood below them."""
    kept_now = list(keep)
    had = [False] * 8
    has = [False] * 8
    for index in range(len(blocks) - 1, -1, -1):
        level = blocks[index].level
        if level:
            kept_now[index] = keep[index] and (has[level] or not had[level])
            had[level:] = has[level:] = [False] * (8 - level)
        elif blocks[index].kind == "rule":
            continue
        for above in range(1, level or 8):
            had[above] = True
            has[above] = has[above] or kept_now[index]
    return kept_now


def _outside_groups(blocks: Sequence[Block], groups: Sequence[Mark]) -> list[bool]:
    chars, link_chars = [0] * len(groups), [0] * len(groups)
    for block in blocks:
        if block.group is not None:
            chars[block.group] += block.chars
            link_chars[block.group] += block.link_chars
    total = sum(block.chars for block in blocks)
    dropped = [
        link_chars[number] > _LINK_DENSITY * chars[number]
        if mark is Mark.SUSPECT_IF_LINKS
        else chars[number] <= _MOST * total
        for number, mark in enumerate(groups)
    ]
    # What a page calls itself stays, also inside its "post-meta" or "overlay".
    return [block.group is None or block.level == 1 or not dropped[block.group] for block in blocks]


def _belongs(block: Block, has_main: bool) -> bool:
    if has_main:
        return block.zone == "main" or block.level == 1
    if block.zone == "main" or block.kind in ("code", "quote", "rule"):
        return True
    if block.zone == "header" and block.level != 1 and block.chars < _SENTENCE:
        return False
    return block.level > 0 or block.link_chars <= _LINK_DENSITY * block.chars


def _drop_teasers(blocks: Sequence[Block], keep: list[bool]) -> None:
    """What a heading announces as other pages: from there on as long as links prevail."""
    index = 0
    while index < len(blocks):
        level = blocks[index].level
        if not level or fold(blocks[index].text.strip("#: ")) not in _teaser_headings():
            index += 1
            continue
        end = index + 1
        while end < len(blocks) and not 0 < blocks[end].level <= level:
            end += 1
        section = blocks[index + 1 : end]
        if sum(block.link_chars for block in section) >= _MOST * sum(block.chars for block in section):
            keep[index:end] = [False] * (end - index)
        index = end


@cache
def _teaser_headings() -> frozenset[str]:
    text = (resources.files(__package__) / "data" / "headings.txt").read_text(encoding="utf-8")
    return frozenset(fold(line) for line in text.split("\n") if line and line[0] != "#")
