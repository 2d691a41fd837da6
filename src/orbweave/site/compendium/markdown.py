"""A page as Markdown blocks, with what is needed to tell its content from what surrounds it. Pure.

One walk over the parsed tree: each element is looked at once, whatever the page is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from orbweave.site.compendium.marks import Mark, mark_of
from orbweave.site.document import shallow
from orbweave.site.extract.email_encoded import cloudflare

MAX_NESTING = 120
MAX_INDENTS = 8
MAX_TABLE_COLUMNS = 100
_MAX_URL = 2048
_TINY = 8

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "dir", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "li", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table", "tbody",
    "td", "tfoot", "th", "thead", "tr", "ul", "caption",
})  # fmt: skip
_INVISIBLE = frozenset({
    "script", "style", "head", "template", "noscript", "svg", "math", "iframe", "embed", "canvas", "audio",
    "video", "map", "datalist", "source", "track", "link", "meta", "title", "base", "param", "area", "col",
    "colgroup", "frameset", "noframes", "-comment",
})  # fmt: skip
_CONTROLS = frozenset({
    "button", "input", "select", "textarea", "label", "legend", "option", "optgroup", "output", "progress", "meter",
    "keygen", "dialog",
})  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_INDENTED = frozenset({"ul", "ol", "dir", "menu", "dl", "blockquote"})
_WRAPPED = {"b": "**", "strong": "**", "i": "*", "em": "*", "del": "~~", "s": "~~", "strike": "~~"}
# What no cell of a table of data holds, and what few of them do.
_LAYOUT = frozenset({"heading", "table"})
_PROSE = 300
_HEAVY = frozenset({"code", "quote", "rule"})
_CODE = frozenset({"code", "kbd", "samp", "tt"})
_LIST = ",".join(sorted(_BLOCKS))
_BLOCKS_IN_INLINE = f":not({_LIST})>:is({_LIST})"

_SPACES = re.compile(r"\s+")
_UNSEEN = str.maketrans("", "", "\u200b\u2060\ufeff\u00ad\ue000\ue001")
# Only what Markdown would take for its own: an underscore inside a word, or a lone asterisk, is none.
_MAYBE_SPECIAL = re.compile(r"[\\`*_<\[~]")
_SPECIAL = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|`|\*(?=\S)|(?<=\S)\*|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)|<(?=[a-zA-Z/!?])|\[(?=[^\]]{0,200}\][\[(:]|\d+\])|~(?=~)"
)
_LINE_START = re.compile(r"#{1,6}(?=\s|$)|[+*](?=\s)|>|[-=]+$|\||~~~|(\d{3,9})(?=[.)]\s)")
_IN_URL = re.compile(r"[\s()<>\[\]]")
_LANGUAGE = re.compile(r"(?:^|\s)(?:language|lang|brush:)[-:]?\s*([\w+#-]{1,30})")
_FENCES = re.compile(r"`{3,}")
_SHARE = re.compile(
    r"facebook\.com/(?:sharer|share|dialog)|(?:twitter|x)\.com/(?:intent|share)|linkedin\.com/(?:share|sharing)|"
    r"pinterest\.\w+/pin/create|wa\.me/\?text|api\.whatsapp\.com/send\?text|whatsapp://send\?text|t\.me/share|"
    r"reddit\.com/submit|tumblr\.com/(?:share|widgets)|vk\.com/share|xing\.com/(?:spi/shares|social/share)|"
    r"mailto:\?|addtoany\.com|getpocket\.com/(?:save|edit)|line\.me/R/msg"
)
_COOKIES = (
    *("cookie", "süti", "eväste", "куки", "クッキー", "쿠키", "עוגיות", "ملفات تعريف", "küpsis", "kolačić", "sušenk"),
    *("ciasteczk", "slapuk"),
)
_PROTECTED = "/cdn-cgi/l/email-protection#"
_COOKIE_DIALOG = 2_000
_DECOY = 120


@dataclass(frozen=True, slots=True)
class Block:
    """``kind`` heading, text, list, table, code, quote or rule; ``level`` of a heading; ``chars`` of readable text and
    ``link_chars`` of them inside links; ``zone`` main, header or ""; ``group`` the suspected boilerplate it is in, an
    index of ``Rendered.groups``."""

    kind: str
    text: str
    level: int = 0
    chars: int = 0
    link_chars: int = 0
    zone: str = ""
    group: int | None = None


@dataclass(frozen=True, slots=True)
class Style:
    """What is written: ``everything`` keeps what surrounds the content; ``links`` "inline", "cited" (as marks) or
    "text"."""

    everything: bool = False
    links: str = "inline"
    images: bool = True
    emphasis: bool = True


@dataclass(frozen=True, slots=True)
class Rendered:
    """``links``: where U+E000 n U+E001 in a block's text leads, by n."""

    title: str
    blocks: list[Block]
    groups: list[Mark]
    links: list[str]


def render(html: str, url: str, style: Style = Style()) -> Rendered:
    """``url`` what links are relative to."""
    tree = LexborHTMLParser(shallow(html.replace("\x00", "")).encode("utf-8", "replace"))
    titled = tree.css_first("title")
    title = " ".join(titled.text().translate(_UNSEEN).split())[:300] if titled is not None else ""
    body = tree.body
    if body is None:
        return Rendered(title, [], [], [])
    renderer = _Renderer(tree, url, style, speaks_of_cookies=not style.everything and _speaks_of_cookies(html))
    blocks: list[Block] = []
    renderer.flow(body, blocks, 0)
    return Rendered(title, blocks, renderer.groups, renderer.links)


class _Renderer:
    def __init__(self, tree: LexborHTMLParser, url: str, style: Style, *, speaks_of_cookies: bool) -> None:
        self._url = url
        self._origin = "/".join(url.split("/", 3)[:3])
        self._style = style
        self._speaks_of_cookies = speaks_of_cookies
        self._urls: dict[str, str | None] = {}
        self._parted = _around_blocks(tree)
        self.groups: list[Mark] = []
        self.links: list[str] = []
        self._zone = ""
        self._group: int | None = None
        self._in_link = False
        self._in_heading = False
        self._in_hidden = False
        self._wrapped: set[str] = set()
        self._indents = 0
        self._chars = 0
        self._link_chars = 0

    # Blocks

    def flow(self, node: Any, out: list[Block], depth: int) -> None:
        run: list[str] = []
        for child in node.iter(include_text=True):
            tag = child.tag
            if tag == "-text":
                run.append(self._text(child.text_content))
            elif tag in _INVISIBLE:
                continue
            elif tag in _BLOCKS or child.mem_id in self._parted:
                self._end(run, out)
                self._block(child, tag, out, depth + 1)
            else:
                self._inline(child, tag, run, depth + 1)
        self._end(run, out)

    def _block(self, node: Any, tag: str, out: list[Block], depth: int) -> None:
        if depth > MAX_NESTING:
            self._end([self._text(node.text(separator=" "))], out)
            return
        attributes = node.attributes
        mark = None if self._style.everything else self._mark(node, tag, attributes, depth)
        if mark is Mark.DROP:
            return
        before = self._zone, self._group, self._in_hidden
        if mark is Mark.MAIN:
            self._zone = "main"
        elif mark is Mark.HIDDEN:
            self._in_hidden = True
        elif mark is Mark.HEADER and not self._zone:
            self._zone = "header"
        elif mark in (Mark.SUSPECT, Mark.SUSPECT_IF_LINKS) and self._group is None:
            if tag == "aside" and self._zone == "main":
                mark = Mark.SUSPECT_IF_LINKS  # an aside of the text, not of the page
            self._group = len(self.groups)
            self.groups.append(mark)
        self._as(tag, node, attributes, out, depth)
        self._zone, self._group, self._in_hidden = before

    def _as(self, tag: str, node: Any, attributes: dict[str, str | None], out: list[Block], depth: int) -> None:
        if tag in _HEADINGS:
            self._heading(node, _HEADINGS[tag], out, depth)
        elif tag in _INDENTED and self._indents < MAX_INDENTS:
            self._indents += 1
            if tag == "dl":
                self._definitions(node, out, depth)
            elif tag == "blockquote":
                self._quote(node, out, depth)
            else:
                self._list(node, tag, attributes, out, depth)
            self._indents -= 1
        elif tag == "table":
            self._table(node, attributes, out, depth)
        elif tag == "pre":
            self._code(node, attributes, out)
        elif tag == "hr":
            if out and out[-1].kind != "rule" and not self._in_link:
                out.append(Block("rule", "---", zone=self._zone, group=self._group))
        elif tag == "a":
            self._card(node, attributes, out, depth)
        elif tag in ("summary", "figcaption", "caption"):
            self._wrapped_flow(node, "**" if tag == "summary" else "*", out, depth)
        else:
            self.flow(node, out, depth)

    def _heading(self, node: Any, level: int, out: list[Block], depth: int) -> None:
        if node.mem_id in self._parted or any(child.tag in _BLOCKS for child in node.iter()):
            self.flow(node, out, depth)
            return
        run: list[str] = []
        self._in_heading = True
        self._wrapped = set(_WRAPPED.values())  # a heading is emphasis enough
        self._children(node, run, depth)
        self._wrapped = set()
        self._in_heading = False
        text = " ".join("".join(run).split())
        if text:
            self._emit("heading", f"{'#' * level} {text}", out, level)
        else:
            self._forget()

    def _card(self, node: Any, attributes: dict[str, str | None], out: list[Block], depth: int) -> None:
        """A link around blocks: the first of them with words carries it."""
        start = len(out)
        outer, self._in_link = self._in_link, True
        self.flow(node, out, depth)
        self._in_link = outer
        url = self._target(attributes.get("href"))
        if outer or url is None or self._style.links == "text":
            return
        named = [index for index in range(start, len(out)) if out[index].kind in ("heading", "text")]
        named.sort(key=lambda index: (out[index].kind != "heading", out[index].text.startswith("![")))
        if named:
            block = out[named[0]]
            hashes = "#" * block.level + " " if block.level else ""
            first, *more = block.text.removeprefix(hashes).split("\n")
            text = "\n".join((hashes + self._link(first.rstrip(), url), *more))
            out[named[0]] = replace(block, text=text)

    def _list(self, node: Any, tag: str, attributes: dict[str, str | None], out: list[Block], depth: int) -> None:
        items: list[list[Block]] = []
        for child in node.iter():
            name = child.tag
            if name in _INVISIBLE:
                continue
            inner: list[Block] = []
            if name in ("ul", "ol") and items:
                inner = items[-1]  # nested the wrong way, as old editors do
            else:
                items.append(inner)
            self._block(child, name, inner, depth + 1)
        items = [kept for item in items if (kept := [block for block in item if block.group == self._group])]
        if any(block.kind in ("heading", "table", "rule") for item in items for block in item):
            out.extend(block for item in items for block in item)  # a grid of cards
            return
        start = attributes.get("start") or "1"
        first = int(start) if start.isascii() and start.isdigit() and len(start) < 6 else 1
        lines = []
        for number, item in enumerate(items, first):
            marker = f"{number}. " if tag == "ol" else "- "
            lines.append(marker + _indented(item, len(marker)))
        if lines:
            self._merge("list", "\n".join(lines), [block for item in items for block in item], out)

    def _quote(self, node: Any, out: list[Block], depth: int) -> None:
        inner: list[Block] = []
        self.flow(node, inner, depth)
        text = "\n\n".join(block.text for block in inner)
        if text:
            self._merge("quote", "> " + text.replace("\n", "\n> ").replace("> \n", ">\n"), inner, out)

    def _definitions(self, node: Any, out: list[Block], depth: int) -> None:
        entries: list[list[str]] = []  # a term and what is said about it
        parts: list[Block] = []
        children = (inner for child in node.iter() for inner in (child.iter() if child.tag == "div" else (child,)))
        for child in children:
            inner: list[Block] = []
            if child.tag not in _INVISIBLE:
                self._block(child, child.tag, inner, depth + 1)
            if not inner:
                continue
            parts.extend(inner)
            text = _one_line(inner)
            if child.tag == "dt":
                entries.append([f"**{text}**" if self._style.emphasis else text])
            elif entries:
                entries[-1].append(text)
            else:
                entries.append(["", text])
        if any(block.kind in ("heading", "table", "code") for block in parts):
            out.extend(parts)
        elif entries:
            lines = (f"{term}{_colon(term)}{'; '.join(said)}" if said else term for term, *said in entries)
            self._merge("list", "\n".join(f"- {line}" for line in lines), parts, out)

    def _table(self, node: Any, attributes: dict[str, str | None], out: list[Block], depth: int) -> None:
        rows: list[tuple[bool, list[tuple[int, list[Block]]]]] = []
        for row, in_head in self._rows(node, out, depth):
            cells = []
            heads = 0
            for cell in row.iter():
                if cell.tag not in ("td", "th"):
                    continue
                inner: list[Block] = []
                self.flow(cell, inner, depth + 2)
                span = cell.attributes.get("colspan") or "1"
                cells.append((min(int(span), 20) if span.isascii() and span.isdigit() and len(span) < 4 else 1, inner))
                heads += cell.tag == "th"
            if any(inner for _, inner in cells):
                rows.append((in_head or heads == len(cells), cells))
        flat = [inner for _, cells in rows for _, inner in cells if inner]
        parts = [block for inner in flat for block in inner]
        columns = max((sum(span or 1 for span, _ in cells) for _, cells in rows), default=0)
        heavy = sum(len(inner) > 4 or any(block.kind in _HEAVY for block in inner) for inner in flat)
        if (
            attributes.get("role") in ("presentation", "none")
            or not 2 <= columns <= MAX_TABLE_COLUMNS
            or any(block.kind in _LAYOUT for block in parts)
            or 3 * heavy > len(flat)
            or (not rows[0][0] and any(sum(block.chars for block in inner) > _PROSE for inner in flat))
            or (len(rows) == 1 and not rows[0][0])
        ):
            out.extend(parts)  # a table for the looks
            return
        header = rows[0][1] if rows[0][0] else []
        lines = [_row(header, columns), "|" + " --- |" * columns]
        lines.extend(_row(cells, columns) for _, cells in rows[1 if header else 0 :])
        self._merge("table", "\n".join(lines), parts, out)

    def _rows(self, table: Any, out: list[Block], depth: int) -> Iterator[tuple[Any, bool]]:
        """(row, is it in the table's head); a caption becomes a block of its own."""
        for child in table.iter():
            if child.tag == "tr":
                yield child, False
            elif child.tag in ("thead", "tbody", "tfoot"):
                for row in child.iter():
                    if row.tag == "tr":
                        yield row, child.tag == "thead"
            elif child.tag == "caption":
                self._block(child, "caption", out, depth + 1)

    def _code(self, node: Any, attributes: dict[str, str | None], out: list[Block]) -> None:
        inner = node.css_first("code")
        named = attributes.get("class") or (inner.attributes.get("class") if inner is not None else "") or ""
        language = _LANGUAGE.search(named)
        for line_break in node.css("br"):
            line_break.replace_with("\n")
        code = node.text().translate(_UNSEEN).strip("\n").rstrip()
        if not code.strip():
            return
        fence = "`" * max(3, *(len(found) + 1 for found in _FENCES.findall(code)), 3)
        self._chars += len(code)
        self._emit("code", f"{fence}{language[1] if language else ''}\n{code}\n{fence}", out)

    def _wrapped_flow(self, node: Any, marker: str, out: list[Block], depth: int) -> None:
        start = len(out)
        self.flow(node, out, depth)
        if self._style.emphasis and len(out) == start + 1 and out[start].kind == "text":
            block = out[start]
            if not {"*", "["} & set(block.text):
                out[start] = replace(block, text=_wrap(marker, block.text.replace("  \n", "\n")).replace("\n", "  \n"))

    # Inside a block

    def _children(self, node: Any, run: list[str], depth: int) -> None:
        for child in node.iter(include_text=True):
            tag = child.tag
            if tag == "-text":
                run.append(self._text(child.text_content))
            elif tag not in _INVISIBLE:
                self._inline(child, tag, run, depth + 1)

    def _inline(self, node: Any, tag: str, run: list[str], depth: int) -> None:
        if tag == "br":
            run.append("\n")
            return
        if depth > MAX_NESTING:
            run.append(self._text(node.text(separator=" ")))
            return
        attributes = node.attributes
        if not self._style.everything:
            if tag in _CONTROLS and not (tag == "button" and self._in_heading):
                return
            if attributes and self._mark(node, tag, attributes, depth) in (Mark.DROP, Mark.SUSPECT):
                return
        if hidden := attributes.get("data-cfemail"):
            run.append(self._text(cloudflare(hidden)))
        elif tag == "img":
            run.append(self._image(attributes))
        elif tag == "a":
            self._anchor(node, attributes, run, depth)
        elif tag in _CODE and node.child is not None:
            text = " ".join(node.text().translate(_UNSEEN).split())
            self._count(text)
            if "`" in text:
                text = f"`` {text} ``"
            elif text:
                text = f"`{text}`"
            run.append(text)
        elif self._style.emphasis and (marker := _WRAPPED.get(tag)) and marker not in self._wrapped:
            inner: list[str] = []
            self._wrapped.add(marker)
            self._children(node, inner, depth)
            self._wrapped.discard(marker)
            run.append(_wrap(marker, "".join(inner)))
        else:
            self._children(node, run, depth)

    def _anchor(self, node: Any, attributes: dict[str, str | None], run: list[str], depth: int) -> None:
        href = attributes.get("href")
        if href and not self._style.everything and _SHARE.search(href):
            return
        url = self._target(href)
        inner: list[str] = []
        outer = self._in_link
        self._in_link = outer or (href is not None and not href.startswith(("mailto:", "tel:")))
        self._children(node, inner, depth)
        self._in_link = outer
        text = "".join(inner)
        words = " ".join(text.split())
        if not words or outer or url is None or self._style.links == "text":
            run.append(text)
            return
        run.append(f"{text[: len(text) - len(text.lstrip())]}{self._link(words, url)}{text[len(text.rstrip()) :]}")

    def _link(self, words: str, url: str) -> str:
        if self._style.links == "text":
            return words
        if self._style.links == "cited":
            if url.startswith(("mailto:", "tel:")) and _is_said(url, words):
                return words
            self.links.append(url)
            return f"{words}\ue000{len(self.links) - 1}\ue001"
        return f"[{words}]({url})"

    def _image(self, attributes: dict[str, str | None]) -> str:
        if not self._style.images or self._style.links == "cited":
            return ""
        source = attributes.get("data-src") or attributes.get("data-lazy-src") or attributes.get("src") or ""
        words = self._text(attributes.get("alt") or "").strip()
        if not self._style.everything and (not words or _is_tiny(attributes)):
            return ""
        url = self._target(source)
        return f"![{words}]({url})" if url is not None else ""

    def _text(self, raw: str | None) -> str:
        text = _SPACES.sub(" ", raw or "")
        if not text.isascii():
            text = text.translate(_UNSEEN)
        self._count(text)
        return _SPECIAL.sub(r"\\\g<0>", text) if _MAYBE_SPECIAL.search(text) else text

    def _target(self, href: str | None) -> str | None:
        """Where a link leads, absolute; None when it leads nowhere."""
        href = (href or "").strip()
        if not href or href[0] == "#":
            return None
        if href not in self._urls:
            self._urls[href] = self._absolute(href)
        return self._urls[href]

    def _absolute(self, href: str) -> str | None:
        if _PROTECTED in href:
            href = f"mailto:{cloudflare(href.partition(_PROTECTED)[2])}"
        if href[:1] == "/" and href[:2] != "//":
            url = self._origin + href
        elif href.startswith(("http://", "https://", "mailto:", "tel:")):
            url = href
        else:
            try:
                url = urljoin(self._url, href)
            except ValueError:
                return None
        url = url.translate(_UNSEEN)
        if not url.startswith(("http://", "https://", "mailto:", "tel:", "sms:")) or len(url) > _MAX_URL:
            return None
        return _IN_URL.sub(lambda found: f"%{ord(found[0]):02X}", url)

    # Bookkeeping

    def _mark(self, node: Any, tag: str, attributes: dict[str, str | None], depth: int) -> Mark | None:
        mark = mark_of(tag, attributes)
        if mark is Mark.HIDDEN:
            # Long hidden blocks are tabs and dialogs that a click opens; short ones are traps for address collectors.
            if not self._in_hidden and len(node.text()) <= _DECOY:
                return Mark.DROP
            return mark
        if mark is None and self._speaks_of_cookies and depth <= 4 and tag in ("div", "section", "aside", "form"):
            text = node.text()
            if (
                len(text) <= _COOKIE_DIALOG
                and _speaks_of_cookies(text)
                and node.css_first("button,[role=button],input")
            ):
                return Mark.DROP
        return mark

    def _count(self, text: str) -> None:
        self._chars += len(text)
        if self._in_link:
            self._link_chars += len(text)

    def _end(self, run: list[str], out: list[Block]) -> None:
        """What was gathered since the last block, as paragraphs: two line breaks end one."""
        if not run:
            return
        text = "".join(run).replace("****", "")
        run.clear()
        lines: list[str] = []
        for line in text.split("\n"):
            words = " ".join(line.split())
            if words:
                lines.append(_line(words))
            elif lines:
                self._paragraph(lines, out)
        if lines:
            self._paragraph(lines, out)
        self._forget()

    def _paragraph(self, lines: list[str], out: list[Block]) -> None:
        self._emit("text", "  \n".join(lines), out)
        lines.clear()

    def _emit(self, kind: str, text: str, out: list[Block], level: int = 0) -> None:
        out.append(Block(kind, text, level, self._chars, self._link_chars, self._zone, self._group))
        self._forget()

    def _forget(self) -> None:
        self._chars = self._link_chars = 0

    def _merge(self, kind: str, text: str, parts: list[Block], out: list[Block]) -> None:
        """One block made of others."""
        chars, link_chars = sum(part.chars for part in parts), sum(part.link_chars for part in parts)
        out.append(Block(kind, text, 0, chars, link_chars, self._zone, self._group))


def _around_blocks(tree: LexborHTMLParser) -> set[int]:
    """Inline elements that hold blocks: a link around a card, a custom element around everything."""
    found: set[int] = set()
    for node in tree.css(_BLOCKS_IN_INLINE):
        parent = node.parent
        while parent is not None and parent.tag not in _BLOCKS and parent.mem_id not in found:
            found.add(parent.mem_id)
            parent = parent.parent
    return found


def _is_said(url: str, words: str) -> bool:
    """Does the text of a link to an address or a number already give it?"""
    scheme, _, target = url.partition("?")[0].partition(":")
    if scheme == "mailto":
        return target.lower() in words.lower()
    return "".join(filter(str.isdigit, target))[-7:] in "".join(filter(str.isdigit, words))


def _colon(term: str) -> str:
    return "" if not term else " " if term.rstrip("*").endswith((":", "：")) else ": "


def _speaks_of_cookies(text: str) -> bool:
    text = text.lower()
    return any(word in text for word in _COOKIES)


def _wrap(marker: str, text: str) -> str:
    """Emphasis, which must touch its words, and end on the line it began on."""
    if "*" in text and marker[0] in text:
        return text
    lines = []
    for line in text.split("\n"):
        words = line.strip()
        lines.append(line.replace(words, f"{marker}{words}{marker}") if words else line)
    return "\n".join(lines)


def _line(words: str) -> str:
    """``words`` where a line begins, without the meaning Markdown would see in them."""
    found = _LINE_START.match(words)
    if found is None:
        return words
    return f"{found[1]}\\{words[found.end(1) :]}" if found[1] else f"\\{words}"


def _indented(blocks: list[Block], width: int) -> str:
    text = blocks[0].text
    for block in blocks[1:]:
        text += ("\n" if block.kind == "list" else "\n\n") + block.text
    return text.replace("\n", "\n" + " " * width).replace("\n" + " " * width + "\n", "\n\n")


def _one_line(blocks: list[Block]) -> str:
    """What a table's cell can hold."""
    lines = [line.strip() for block in blocks for line in block.text.split("\n")]
    if len(blocks) == 1 and blocks[0].kind == "list":
        lines = [line.removeprefix("- ") for line in lines]
    text = ""
    for line in filter(None, lines):
        text += f"{'' if not text else ' ' if text[-1] in ',;:.-–' else ', '}{line}"
    return text


def _row(cells: list[tuple[int, list[Block]]], columns: int) -> str:
    texts: list[str] = []
    for span, inner in cells:
        texts.append(_one_line(inner).replace("|", "\\|"))
        texts.extend([""] * (span - 1))
    texts.extend([""] * (columns - len(texts)))
    return "|" + "".join(f" {text} |" if text else "  |" for text in texts[:columns])


def _is_tiny(attributes: dict[str, str | None]) -> bool:
    """A pixel that counts visitors, a spacer."""
    sizes = (attributes.get("width") or "", attributes.get("height") or "")
    return any(size.isascii() and size.isdigit() and len(size) < 5 and int(size) <= _TINY for size in sizes)
