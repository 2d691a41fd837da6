"""One page of a compendium."""

from __future__ import annotations

from dataclasses import dataclass

from orbweave.site.compendium.boilerplate import content
from orbweave.site.compendium.markdown import Block, Style, render

STYLES = {
    "raw": Style(everything=True),
    "fit": Style(),
    "citations": Style(links="cited"),
    "minimal": Style(links="text", images=False, emphasis=False),
}


@dataclass(frozen=True, slots=True)
class Page:
    """``kind`` one of ``kinds.KINDS`` or None; ``links`` where the marks U+E000 n U+E001 in the blocks' text lead."""

    url: str
    title: str
    kind: str | None
    blocks: tuple[Block, ...]
    links: tuple[str, ...] = ()


def read_page(
    html: str, url: str, *, base: str | None = None, kind: str | None = None, level: str = "fit", max_chars: int
) -> Page:
    """``base`` what links are relative to, when not ``url``; ``level`` raw, fit, citations or minimal; no more is
    kept than ``max_chars`` can need."""
    rendered = render(html, base or url, STYLES[level])
    blocks = rendered.blocks if level == "raw" else content(rendered)
    left = 2 * max_chars  # some of it may be on other pages too
    kept = []
    for block in blocks:
        if left <= 0:
            break
        kept.append(block)
        left -= len(block.text)
    return Page(url, rendered.title, kind, tuple(kept), tuple(rendered.links))
