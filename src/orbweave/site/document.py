"""One parse of a page; everything the extractors read. Pure; ``read`` never raises for any bytes.

What every page is asked for is read at once, in one walk over its elements; the rest when it is first asked for.
Elements that aren't shown are taken out of the tree, not destroyed, so that they can still be read later."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, NamedTuple

import orjson

# Finds words many times faster than str does. Only give it bytes: text with half a surrogate pair makes it crash.
import stringzilla
from selectolax.lexbor import LexborHTMLParser, LexborNode

from orbweave.site.charset import decode

MAX_JSON_LD = 512 * 1024
MAX_JSON_NODES = 5_000
_MAX_KEPT = 8 * 1024
MAX_STATE = 1024 * 1024
MAX_DEPTH = 400
MAX_REPEATED = 200_000
MAX_IMAGES = 60
MAX_ALTERNATES = 100
_FEW_TAGS = 1_500
_MANY_TAGS = 6_000

# Between text nodes. White space to str.split and str.strip, and in no page.
_SEAM = "\x1f"
_SPACES = "\t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
# Allowed inside words and not seen: hyphenation hints, zero-width spaces and joiners.
_INVISIBLE = "\u00ad\u200b\u2060\ufeff"

_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)")
# Void, or closed by the next of their kind.
_UNNESTED = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
    | {"p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "html", "head", "body"}
)
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
# A parser repeats formatting without end only when its attributes differ; an <a> closes the one before.
_REPEATED = re.compile(r"<(?:b|big|code|em|font|i|s|small|strike|strong|tt|u)[\s/]", re.IGNORECASE)
_REFRESH = re.compile(r"^\s*(\d{1,3})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?\s*([^\"'\s>]+)", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?:px|pt|r?em|%)?\s*(?:;|!|$)|"
    r"(?:left|indent)\s*:\s*-\d{3}",
    re.IGNORECASE,
)
_DECOY_LENGTH = 120
_MAX_DECOY_HTML = 2_000
_MAX_STYLE = 200_000
_MAX_NAMES = 30
_ADDRESS_LIKE = re.compile(r"@(?<=[\w.]@)[\w-]+\.[a-z]")
_NAMED = re.compile(r"\s(class|id)\s?=\s?(?:[\"']([^\"'<>]{1,120})|([\w-]{1,60}))", re.IGNORECASE)
_SIMPLE = re.compile(r"[.#][A-Za-z_][\w-]{0,60}")
_PREFORMATTED = re.compile(r"white-space\s*:\s*(?:pre|break)", re.IGNORECASE)
_LAST_COMMA = re.compile(r",(?= ?[\]}])")
_FRAMESET = re.compile(r"</?(?:frameset|noframes)\b[^>]{0,500}>", re.IGNORECASE)
_FRAME_SOURCE = re.compile(
    r"<frame\b[^>]{0,500}?\bsrc\s{0,3}=\s{0,3}(\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+)[^>]{0,500}>", re.IGNORECASE
)
_TURNED = re.compile(r"bidi-override|direction\s*:\s*rtl", re.IGNORECASE)

# Images in the middle of an address: what their alternative text, or the name of their file, stands for.
_SIGN_WORDS = {
    "@": "@ at at-sign atsign arroba arroba-sign arobase arobas chiocciola chiocciolina kukac zavináč zavinac małpa "
    "malpa klammeraffe snabel-a snabela krøllalfa krollalfa apenstaartje apenstaart miukumauku patka собака собачка "
    "равлик маймуна παπάκι アットマーク 골뱅이 ät mail-at icon-at email-at spacer-at fa-at bi-at",
    ".": ". dot punkt punto point ponto pont punt kropka bodka tečka tecka točka tocka piste nokta punct punktum "
    "точка крапка τελεία taškas punkts ドット",
}
_SIGNS = {word: sign for sign, words in _SIGN_WORDS.items() for word in words.split()}
_MAX_SIGN = 16
_SURE_SIGNS = ("@", "at", "arroba", "arobase")
_FILE_NAME = re.compile(r"([\w-]{2,12})\.(?:gif|png|svg|jpe?g|webp)(?:\?|\Z)")
_OTHERS_WORDS = '[class*="comment"],[id*="comment"],[data-hook*="comments"]'
_COMMENTS = re.compile(
    r"(?:^|\s)(?:comments?|comment-?list|comments-(?:area|section|list|wrapper)|comment-?wrap(?:per)?|comment-body)(?:\s|$)"
)
_HANDLERS = ("onclick", "onmouseover")
_MAX_HANDLERS = 100

_DATA_NAME = re.compile(r"data-[\w-]+")
_STATE = re.compile(
    r"__(?:NEXT_DATA|NUXT|NUXT_DATA|INITIAL_STATE|PRELOADED_STATE|APOLLO_STATE|INITIAL_DATA|SERVER_DATA|DATA|STATE)__|"
    r"__NUXT_DATA__|__remixContext|initialState|self\.__next_f"
)


def _tag_ids(*names: str) -> tuple[int, ...]:
    tree = LexborHTMLParser("")
    return tuple(tree.create_node(name).tag_id for name in names)


_NOT_SHOWN = _tag_ids("style", "iframe", "template", "svg", "object", "select", "canvas")
_SCRIPT, _NOSCRIPT = _tag_ids("script", "noscript")
_ANCHOR, _AREA, _BASE, _BDO, _PRE, _INPUT = _tag_ids("a", "area", "base", "bdo", "pre", "input")
_STYLE, _IFRAME, _ADDRESS, _META, _LINK = _tag_ids("style", "iframe", "address", "meta", "link")
_IMAGE, _SVG = _tag_ids("img", "svg")
_COMMENT = 4  # lexbor's LXB_TAG__EM_COMMENT, which no element of that name can be made for
_INLINE = _tag_ids(
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "em", "font", "i", "ins", "kbd", "mark",
    "nobr", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "wbr",
)  # fmt: skip
_WALKED = frozenset(
    {*_NOT_SHOWN, *_INLINE, _SCRIPT, _NOSCRIPT, _ANCHOR, _AREA, _BASE, _BDO, _PRE, _INPUT, _ADDRESS, _IMAGE, _COMMENT}
    | {_META, _LINK}
)


class Link(NamedTuple):
    """An ``a href`` as written, with its text (or the title or image text that stands for it)."""

    href: str
    text: str
    rel: str = ""


@dataclass(eq=False, repr=False)
class Document:
    """``text``: what a reader sees, one line per block. ``html``: the source, decoded, comments and scripts too.
    ``attributes``, ``microdata``: (name, value). ``reversed_texts``: what styles turn around, turned back.
    ``comments``: those with an @. ``handlers``: code that runs on clicks. None of them has what visitors wrote below
    articles, or short texts that are hidden."""

    url: str
    html: str
    encoding: str
    title: str
    lang: str
    text: str
    links: tuple[Link, ...]
    base: str | None
    attributes: tuple[tuple[str, str], ...]
    reversed_texts: tuple[str, ...]
    microdata: tuple[tuple[str, str], ...]
    comments: list[str]
    handlers: list[str]
    _source: bytes = b""
    _seamed: str = ""
    _metas: list[LexborNode] = field(default_factory=list)
    _head_links: list[LexborNode] = field(default_factory=list)
    _scripts: list[LexborNode] = field(default_factory=list)
    _noscripts: list[LexborNode] = field(default_factory=list)
    _iframes: list[LexborNode] = field(default_factory=list)
    _images: list[dict[str, str | None]] = field(default_factory=list)
    _addresses: list[LexborNode] = field(default_factory=list)

    @cached_property
    def _bytes(self) -> bytes:
        return self.text.encode("utf-8", "replace")

    def find(self, words: str) -> int:
        """``text.find(words)`` at a tenth of its price."""
        place: int = stringzilla.find(self._bytes, words.encode("utf-8", "replace"))
        return place if place <= 0 or self.text.isascii() else len(self._bytes[:place].decode())

    def is_in_source(self, word: bytes) -> bool:
        """Does ``html`` hold it?"""
        return bool(stringzilla.find(self._source, word) >= 0)

    @cached_property
    def pieces(self) -> str:
        """``text``, but one line per text node: markup inside a block also ends a line."""
        return _lines(self._seamed)

    @cached_property
    def noscript_text(self) -> str:
        """What a reader without JavaScript sees in addition."""
        return "\n".join(_lines(node.text(separator=_SEAM)) for node in self._noscripts)

    @cached_property
    def metas(self) -> dict[str, str]:
        found = {}
        for node in self._metas:
            attributes = node.attributes
            name = attributes.get("name") or attributes.get("property") or attributes.get("http-equiv")
            if name:
                found[name.lower()] = attributes.get("content") or ""
        return found

    @cached_property
    def refresh(self) -> str | None:
        """Where the page sends its reader on to, unless only after a while."""
        match = _REFRESH.match(self.metas.get("refresh", ""))
        return match[2] if match and int(match[1]) <= 15 else None

    @cached_property
    def _related(self) -> list[tuple[str, str, str, bool]]:
        """(rel, hreflang, href, in the head) of each ``link`` to something."""
        found = ((node.attributes, node.parent) for node in self._head_links)
        return [
            (
                (one.get("rel") or "").lower(),
                one.get("hreflang") or "",
                href,
                parent is not None and parent.tag == "head",
            )
            for one, parent in found
            if (href := one.get("href"))
        ]

    @cached_property
    def alternates(self) -> tuple[tuple[str, str], ...]:
        """(language, address) of this page in its languages, as written."""
        found = ((language, href) for _, language, href, in_head in self._related if language and in_head)
        return tuple(islice(found, MAX_ALTERNATES))

    @cached_property
    def canonical(self) -> str | None:
        """The address this page says it should be known by, as written."""
        return next((href for rel, _, href, in_head in self._related if rel == "canonical" and in_head), None)

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """The lines of each ``<address>``."""
        return tuple(_lines(node.text(separator=_SEAM)) for node in self._addresses[:20])

    @cached_property
    def images(self) -> tuple[tuple[str, str], ...]:
        """(address, words that describe it) of the first MAX_IMAGES pictures."""
        found = []
        for attributes in self._images[:MAX_IMAGES]:
            words = " ".join(filter(None, map(attributes.get, ("class", "id", "alt", "src"))))
            found.append((attributes.get("src") or attributes.get("data-src") or "", words.lower()[:300]))
        return tuple(found)

    @cached_property
    def alternative_texts(self) -> str:
        """What stands for the first MAX_IMAGES pictures, a line for each."""
        given = (attributes.get("alt") or "" for attributes in self._images[:MAX_IMAGES])
        return "\n".join(" ".join(text.split()) for text in given if 6 < len(text) < 100)

    @cached_property
    def icons(self) -> tuple[tuple[str, str], ...]:
        """(rel, address)"""
        return tuple((rel, href) for rel, _, href, _ in self._related if "icon" in rel)

    @cached_property
    def _code(self) -> tuple[list[str], list[str], list[str]]:
        scripts, json_ld, states = [], [], []
        for node in self._scripts:
            attributes = node.attributes
            kind = (attributes.get("type") or "").lower()
            if "ld+json" in kind:
                json_ld.append(node.text()[:MAX_JSON_LD])
            elif not attributes.get("src"):
                text = node.text()
                if len(text) <= MAX_STATE and ("json" in kind or _STATE.search(text, 0, 4_000)):
                    states.append(text)
                else:
                    scripts.append(text)
        return scripts, json_ld, states

    @property
    def scripts(self) -> list[str]:
        """JavaScript in the page itself."""
        return self._code[0]

    @property
    def json_ld_texts(self) -> list[str]:
        return self._code[1]

    @property
    def states(self) -> list[str]:
        """What JavaScript applications were given to start with, as written: JSON, or code that assigns it."""
        return self._code[2]

    @cached_property
    def json_ld(self) -> list[dict[str, Any]]:
        """Every JSON-LD object of the page, nested ones too, outermost first; broken blocks are left out."""
        found: list[dict[str, Any]] = []
        for text in self.json_ld_texts:
            found.extend(_kept(text) if len(text) <= _MAX_KEPT else _objects(_parsed(text)))
            if len(found) > MAX_JSON_NODES:
                break
        return found[:MAX_JSON_NODES]

    @cached_property
    def frames(self) -> list[str]:
        """The addresses of what is embedded: maps, videos, page plug-ins."""
        return [source for node in self._iframes if (source := node.attributes.get("src"))]

    @cached_property
    def is_script_shell(self) -> bool:
        """Is there next to nothing to read, and code that would put it there?"""
        return len(self.text) < 200 and len(self.html) > 500 and "<script" in self.html

    @cached_property
    def lower_html(self) -> str:
        return self.html.lower()


def read(body: bytes, url: str, content_type: str = "") -> Document:
    html, encoding = decode(body, content_type)
    return parse(html, url, encoding, body)


def parse(html: str, url: str, encoding: str = "utf-8", body: bytes | None = None) -> Document:
    """``body`` spares encoding ``html`` again when it was decoded from it as UTF-8 without a fault."""
    if "\x00" in html:
        html = html.replace("\x00", "")
        body = None
    part = shallow(html)
    if body is None or encoding != "utf-8" or part is not html or body.startswith(BOM_UTF8):
        body = part.encode("utf-8", "replace")
    tree = LexborHTMLParser(body)
    root, head, shown = tree.root, tree.head, tree.body
    if shown is None and "rameset" in html and _FRAMESET.search(html):
        # What browsers without frames would show, with links to the frames.
        return parse(_FRAMESET.sub("", _FRAME_SOURCE.sub(r"<a href=\1></a>", html)), url, encoding)
    nodes: defaultdict[int, list[LexborNode]] = defaultdict(list)
    lang, title, unseen = "", "", frozenset[int]()
    if root is not None:
        lang = root.attributes.get("lang") or ""
        for node in root.traverse():
            if (tag := node.tag_id) in _WALKED:
                nodes[tag].append(node)
    if head is not None and (titled := head.css_first("title")) is not None:
        title = titled.text()
    attributes = (*_mailed_to(nodes[_INPUT]), *_data_attributes(tree, html), *_joomla(tree, html))
    microdata = tuple(_microdata(tree))
    handlers = _handlers(tree)
    comments = [text for node in nodes[_COMMENT] if (text := node.comment_content) and "@" in text]
    turned = [node for node in nodes[_BDO] if (node.attributes.get("dir") or "").lower() == "rtl"]
    preformatted = nodes[_PRE]
    for node in tree.css("[style],[hidden]"):
        given = node.attributes
        style = given.get("style") or ""
        # Most styles have none of these: the pattern is for the rest.
        maybe = "none" in style or "hidden" in style or ":-" in style or ": -" in style or "size:0" in style
        if "hidden" in given or ((maybe or "size: 0" in style) and _HIDDEN.search(style)):
            unseen |= _take_out(node)
        elif "white-space" in style and _PREFORMATTED.search(style):
            preformatted.append(node)
        elif ("direction" in style or "bidi" in style) and _TURNED.search(style):
            turned.append(node)
    if nodes[_STYLE] and "@" in html and (names := _hidden_names(html, nodes[_STYLE])):
        for node in tree.css(names)[:200]:
            if "@" in (node.html or "")[:_MAX_DECOY_HTML]:
                unseen |= _take_out(node)
    for node in tree.css(_OTHERS_WORDS) if stringzilla.find(body, b"comment") >= 0 else ():
        given = node.attributes
        if (
            _COMMENTS.search(" ".join(filter(None, map(given.get, ("class", "id", "data-hook")))))
            and node.tag != "body"
        ):
            node.decompose(recursive=False)
            unseen |= {link.mem_id for link in node.css("a")}
    images = [node.attributes for node in nodes[_IMAGE]]
    _write_signs(nodes[_IMAGE], images)
    _write_signs(nodes[_SVG], (node.attributes for node in nodes[_SVG]))
    if stringzilla.find(body, b'="@"') >= 0 or stringzilla.find(body, b'-at"') >= 0:
        labelled = tree.css('i,[aria-label="@"],[title="@"]')
        _write_signs(labelled, (node.attributes for node in labelled))
    for tag in (_SCRIPT, _NOSCRIPT, _COMMENT, *_NOT_SHOWN):
        for node in nodes[tag]:
            node.decompose(recursive=False)
    if head is not None:
        head.decompose(recursive=False)
    links = tuple(_links(nodes[_ANCHOR] + nodes[_AREA], unseen))
    reversed_texts = tuple(node.text(strip=True)[::-1][:500] for node in turned[:50])
    _keep_lines(preformatted)
    seamed = text = ""
    if shown is not None:
        seamed = shown.text(separator=_SEAM, skip_empty=True)
        for tag in _INLINE:
            for node in nodes[tag]:
                node.unwrap(delete_empty=True)
        shown.merge_text_nodes()
        text = _lines(shown.text(separator=_SEAM, skip_empty=True))
    return Document(
        url=url,
        html=html,
        encoding=encoding,
        title=" ".join(title.split())[:300],
        lang=lang.strip().lower()[:20],
        text=text,
        links=links,
        base=next((base for node in nodes[_BASE] if (base := node.attributes.get("href"))), None),
        attributes=attributes,
        reversed_texts=reversed_texts,
        microdata=microdata,
        comments=comments,
        handlers=handlers,
        _source=body,
        _seamed=seamed,
        # Some are for browsers that run no scripts.
        _metas=[node for node in nodes[_META] if node.parent is not None and node.parent.tag != "noscript"],
        _head_links=nodes[_LINK],
        _scripts=nodes[_SCRIPT],
        _noscripts=nodes[_NOSCRIPT],
        _iframes=nodes[_IFRAME],
        _images=images,
        _addresses=nodes[_ADDRESS],
    )


def shallow(html: str) -> str:
    """``html`` up to where its elements are nested deeper than any real page, or where unclosed formatting would be
    repeated too often: what comes after would cost the parser the square of its length, in time or in memory."""
    tags = html.count("<")
    if tags <= _FEW_TAGS or (tags <= _MANY_TAGS and tags * len(_REPEATED.findall(html)) <= MAX_REPEATED):
        return html
    unclosed: dict[str, int] = {}
    depth = formatting = repeated = 0
    for index, tag in enumerate(_TAG.findall(html)):
        name = tag.lower()
        if name[0] == "/":
            name = name[1:]
            if unclosed.get(name):
                unclosed[name] -= 1
                depth -= 1
                formatting -= name in _FORMATTING
            continue
        repeated += formatting
        if name not in _UNNESTED:
            unclosed[name] = unclosed.get(name, 0) + 1
            depth += 1
            formatting += name in _FORMATTING
        if depth > MAX_DEPTH or repeated > MAX_REPEATED:
            return html[: next(islice(_TAG.finditer(html), index, None)).start()]
    return html


def _lines(text: str) -> str:
    """``text`` with its white space collapsed, one line for each part between seams that isn't empty."""
    for space in _SPACES:
        if space in text:
            text = text.replace(space, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    for character in _INVISIBLE:
        if character in text:
            text = text.replace(character, "")
    return "\n".join([line for line in map(str.strip, text.split(_SEAM)) if line])


def _hidden_names(html: str, styles: Iterable[LexborNode]) -> str:
    """A selector for the classes and ids, of those around an @, that the page's own style sheets hide on any screen."""
    names: set[str] = set()
    for match in islice(_ADDRESS_LIKE.finditer(html), _MAX_NAMES):
        end = match.start()
        for _ in range(3):
            start = html.rfind("<", max(0, end - 400), end)
            if start < 0:
                break
            for named in _NAMED.finditer(html, start, html.find(">", start, start + 400) + 1):
                sign = "." if named[1].lower() == "class" else "#"
                names.update(f"{sign}{name}" for name in (named[2] or named[3]).split())
            end = start
    if not names:
        return ""
    css = "".join(style.text()[:_MAX_STYLE] for style in styles)
    return ",".join(name for name in sorted(names)[:_MAX_NAMES] if _SIMPLE.fullmatch(name) and _is_hidden(name, css))


def _is_hidden(name: str, css: str) -> bool:
    at = css.find(name)
    for _ in range(20):
        if at < 0:
            return False
        opened = css.find("{", at, at + 200)
        closed = css.find("}", opened, opened + 400) if opened > 0 else -1
        rest = css[at + len(name) : opened].strip()
        if closed > 0 and (not rest or rest[0] == ",") and _HIDDEN.search(css, opened, closed):
            # Rules inside @media are for some screens only.
            return css.count("{", 0, at) == css.count("}", 0, at)
        at = css.find(name, at + 1)
    return False


def _take_out(node: LexborNode) -> frozenset[int]:
    """Takes a hidden element out when it is short: a trap for address collectors, where longer ones are tabs and
    dialogs that a click opens. The ``mem_id`` of the addresses linked in it."""
    if node.tag in ("html", "body") or len(node.text()) > _DECOY_LENGTH:
        return frozenset()
    links = node.css('a[href^="mailto:" i],a[href^="tel:" i]')
    node.decompose(recursive=False)
    return frozenset(link.mem_id for link in links)


def _write_signs(nodes: Iterable[LexborNode], attributes: Iterable[dict[str, str | None]]) -> None:
    """Puts signs in the place of pictures of them."""
    for node, given in zip(nodes, attributes, strict=True):
        words = given.get("alt") or given.get("aria-label") or given.get("title") or ""
        if len(words) > _MAX_SIGN:
            continue
        words = words.strip(" ()[]").lower()
        sign = _SIGNS.get(words)
        inside = (sign is not None and words in _SURE_SIGNS and node.tag_id == _IMAGE) or _is_inside_word(node)
        if sign is None and inside:
            told = node.css_first("title") if node.tag_id == _SVG else None
            name = _FILE_NAME.search(given.get("src") or "")
            said = [told.text()] if told is not None else [name[1]] if name else (given.get("class") or "").split()
            sign = next((_SIGNS[one] for one in map(str.lower, said) if one in _SIGNS), None)
        if sign is not None and inside and node.tag_id == _IMAGE and node.parent is not None:
            node.replace_with(sign)
        elif sign is not None and inside:
            # Taken out or unwrapped later, and then without a text of its own.
            node.insert_before(sign)


def _is_inside_word(node: LexborNode) -> bool:
    before, behind = node.prev, node.next
    return (
        before is not None
        and behind is not None
        and before.is_text_node
        and behind.is_text_node
        and (before.text_content or "")[-1:].isalnum()
        and (behind.text_content or "")[:1].isalnum()
    )


def _keep_lines(preformatted: Iterable[LexborNode]) -> None:
    for block in preformatted:
        for node in list(block.traverse(include_text=True)):
            if node.is_text_node and (text := node.text_content) and "\n" in text:
                node.replace_with(text.replace("\n", _SEAM))


def _links(nodes: Iterable[LexborNode], unseen: frozenset[int]) -> Iterator[Link]:
    for node in nodes:
        attributes = node.attributes
        href = attributes.get("href")
        if not href or (unseen and node.mem_id in unseen):
            continue
        if "@" in href and "tabindex" in attributes and attributes.get("aria-hidden") == "true":
            continue
        text = node.text()
        if not text.isalnum():
            text = " ".join(text.split())
        if not text:
            text = attributes.get("aria-label") or attributes.get("title") or ""
            if not text and (image := node.css_first("img")) is not None:
                text = image.attributes.get("alt") or ""
            text = " ".join(text.split())
        yield Link(href, text[:200], attributes.get("rel") or "")


def _mailed_to(inputs: Iterable[LexborNode]) -> Iterator[tuple[str, str]]:
    """("form", address) where a form says whom it writes to."""
    for node in islice(inputs, 200):
        attributes = node.attributes
        if "@" in (value := attributes.get("value") or "") and (attributes.get("type") or "").lower() == "hidden":
            yield "form", value


_WHOLE = (
    "data-cfemail", "data-email", "data-mail", "data-e-mail", "data-enc-email", "data-contact", "data-mailto",
    "data-m", "data-encoded", "data-enc", "data-address", "data-protected", "data-email-encoded", "data-rot",
    "data-rot13", "data-b64", "data-addr", "data-href", "data-eml", "data-cipher", "data-mailaddress",
    "data-email-hex", "data-email-address",
)  # fmt: skip
_BEFORE_AT = (
    "data-user", "data-name", "data-u", "data-local", "data-login", "data-email-user", "data-mail-user", "data-part1",
    "data-account", "data-mailbox", "data-first", "data-to", "data-username", "data-box", "data-prefix",
    "data-recipient", "data-local-part", "data-mail-local", "data-mail-name",
    "data-email-name", "data-email-local", "data-emailuser", "data-at-user", "data-mail", "data-email",
)  # fmt: skip
_BEHIND_AT = (
    "data-domain", "data-website", "data-d", "data-host", "data-server", "data-email-domain", "data-mail-domain",
    "data-part2", "data-site", "data-second", "data-at", "data-provider", "data-hostname", "data-mail-host",
    "data-email-host", "data-emaildomain", "data-maildomain", "data-at-domain",
)  # fmt: skip
_TOP = ("data-tld", "data-part3", "data-t", "data-suffix", "data-ext")


def _data_attributes(tree: LexborHTMLParser, html: str) -> Iterator[tuple[str, str]]:
    """(name, value) of the data- attributes that sites hide addresses in."""
    holders = _HOLDERS.intersection(_DATA_NAME.findall(html))
    if not holders:
        return
    for node in tree.css(",".join(f"[{name}]" for name in sorted(holders)))[:200]:
        attributes = {name.lower(): value for name, value in node.attributes.items() if value}
        yield from ((name, attributes[name]) for name in _WHOLE if name in attributes)
        if token := attributes.get("data-mailto-token"):
            yield "data-mailto-token", f"{token}\n{attributes.get('data-mailto-vector', '')}"
        user = next((attributes[name] for name in _BEFORE_AT if name in attributes), "")
        domain = next((attributes[name] for name in _BEHIND_AT if name in attributes), "")
        if user and domain:
            top = next((attributes[name] for name in _TOP if name in attributes), "").lstrip(".")
            yield "data-user", f"{user}@{domain}{'.' + top if top and not domain.endswith('.' + top) else ''}"


def _joomla(tree: LexborHTMLParser, html: str) -> Iterator[tuple[str, str]]:
    if "joomla-hidden-mail" in html:
        for node in tree.css("joomla-hidden-mail[text]")[:50]:
            yield "text", node.attrs.get("text") or ""


_HOLDERS = frozenset((*_WHOLE, *_BEHIND_AT, "data-mailto-token"))


def _handlers(tree: LexborHTMLParser) -> list[str]:
    nodes = tree.css(",".join(f"[{name}]" for name in _HANDLERS))[:_MAX_HANDLERS]
    return [code for node in nodes for code in map(node.attributes.get, _HANDLERS) if code]


def _microdata(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    for node in tree.css("[itemprop]")[:500]:
        attributes = node.attributes
        value = attributes.get("content") or node.text(separator=" ", strip=True)
        if not value or (node.tag in ("a", "link") and attributes.get("itemprop") in ("url", "sameAs")):
            value = attributes.get("href") or value
        yield (attributes.get("itemprop") or "").strip(), " ".join((value or "").split())[:300]


def _parsed(text: str) -> Any:
    text = text.strip().removeprefix("<!--").removesuffix("-->").replace("//<![CDATA[", "").replace("//]]>", "")
    text = text.replace("<![CDATA[", "").replace("]]>", "").strip().rstrip(";")
    try:
        return orjson.loads(text.encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        pass
    try:
        # Raw line breaks and tabs inside strings, and a comma too many, are the most common mistakes.
        text = _LAST_COMMA.sub("", re.sub(r"[\x00-\x1f]+", " ", text))
        return orjson.loads(text.encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        return None


@lru_cache(maxsize=512)
def _kept(json_ld: str) -> tuple[dict[str, Any], ...]:
    """The objects of a block that other pages of the site are likely to repeat. Not to be changed."""
    return tuple(_objects(_parsed(json_ld)))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]
    for _ in range(MAX_JSON_NODES):
        if not waiting:
            return
        one = waiting.pop(0)
        if isinstance(one, dict):
            yield one
            waiting.extend(child for child in one.values() if isinstance(child, dict | list))
        elif isinstance(one, list):
            waiting.extend(child for child in one if isinstance(child, dict | list))
