"""One parse of a page; everything the extractors read. Pure; ``read`` never raises for any bytes.

Nodes are visited a handful of times by the native parser, so keep new work in selectors and in the joined text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

import orjson
from selectolax.lexbor import LexborHTMLParser

from orbweave.site.charset import decode

MAX_JSON_LD = 512 * 1024
MAX_JSON_NODES = 5_000
MAX_DEPTH = 400
MAX_REPEATED = 200_000
_MANY_TAGS = 1_500

_NOT_TEXT = ["script", "style", "noscript", "template", "svg", "iframe", "object", "select", "canvas", "head"]
_INLINE = [
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "em", "font", "i", "ins", "kbd", "mark",
    "nobr", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "wbr",
]  # fmt: skip
_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)")
# Void, or closed by the next of their kind.
_UNNESTED = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
    | {"p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "html", "head", "body"}
)
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
# Splits an address for collectors, not for readers.
_COMMENT_IN_WORD = re.compile(r"<!--[^<>]{0,100}-->(?=[\w@.])")
_REFRESH = re.compile(r"^\s*(\d{1,3})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?\s*([^\"'\s>]+)", re.IGNORECASE)
_HIDDEN = '[style*="display:none"],[style*="display: none"],[style*="visibility:hidden"]'
_DECOY_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Link:
    """An ``a href`` as written, with its text (or the title or image text that stands for it)."""

    href: str
    text: str
    rel: str = ""


@dataclass(frozen=True)
class Document:
    """``text``: what a reader sees, one line per block. ``pieces``: the same, one line per text node (markup inside
    a block also ends a line)."""

    url: str
    html: str
    encoding: str
    title: str
    lang: str
    text: str
    pieces: str
    links: tuple[Link, ...]
    base: str | None
    refresh: str | None
    metas: dict[str, str]
    scripts: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    reversed_texts: tuple[str, ...]
    microdata: tuple[tuple[str, str], ...]
    addresses: tuple[str, ...]
    images: tuple[tuple[str, str], ...]
    icons: tuple[tuple[str, str], ...]
    json_ld_texts: tuple[str, ...] = field(repr=False)
    is_script_shell: bool = False

    @cached_property
    def json_ld(self) -> list[dict[str, Any]]:
        """Every JSON-LD object of the page, nested ones too, outermost first; broken blocks are left out."""
        found: list[dict[str, Any]] = []
        for text in self.json_ld_texts:
            found.extend(_objects(_parsed(text)))
            if len(found) > MAX_JSON_NODES:
                break
        return found[:MAX_JSON_NODES]

    @cached_property
    def lower_html(self) -> str:
        return self.html.lower()


def read(body: bytes, url: str, content_type: str = "") -> Document:
    html, encoding = decode(body, content_type)
    return parse(html, url, encoding)


def parse(html: str, url: str, encoding: str = "utf-8") -> Document:
    html = html.replace("\x00", "")
    if "<!--" in html:
        html = _COMMENT_IN_WORD.sub("", html)
    tree = LexborHTMLParser(shallow(html).encode("utf-8", "replace"))
    root = tree.root
    links = tuple(_links(tree))
    scripts: list[str] = []
    json_ld: list[str] = []
    for node in tree.css("script"):
        kind = (node.attributes.get("type") or "").lower()
        if "ld+json" in kind:
            json_ld.append(node.text()[:MAX_JSON_LD])
        elif not node.attributes.get("src"):
            scripts.append(node.text())
    metas = {
        name.lower(): (node.attributes.get("content") or "")
        for node in tree.css("meta")
        if (name := node.attributes.get("name") or node.attributes.get("property") or node.attributes.get("http-equiv"))
    }
    titled, based = tree.css_first("title"), tree.css_first("base[href]")
    title = titled.text() if titled is not None else ""
    base = based.attributes.get("href") if based is not None else None
    lang = (root.attributes.get("lang") or "") if root is not None else ""
    document = {
        "title": " ".join(title.split())[:300],
        "lang": lang.strip().lower()[:20],
        "links": links,
        "base": base or None,
        "refresh": _refresh(metas.get("refresh", "")),
        "metas": metas,
        "scripts": tuple(scripts),
        "json_ld_texts": tuple(json_ld),
        "attributes": tuple(_data_attributes(tree, html)),
        "microdata": tuple(_microdata(tree, html)),
        "images": tuple(
            (node.attributes.get("src") or node.attributes.get("data-src") or "", _description(node))
            for node in tree.css("img")[:60]
        ),
        "icons": tuple(
            ((node.attributes.get("rel") or "").lower(), node.attributes.get("href") or "")
            for node in tree.css('link[rel*="icon"][href]')
        ),
        "reversed_texts": tuple(_reversed_texts(tree, html)),
    }
    body = tree.body
    tree.strip_tags(_NOT_TEXT)
    if "display" in html or "visibility" in html:
        for node in tree.css(_HIDDEN):
            # Long hidden blocks are tabs and dialogs that a click opens; short ones are traps for address collectors.
            if len(node.text()) <= _DECOY_LENGTH:
                node.decompose()
    document["addresses"] = tuple(_lines(node.text(separator="\n")) for node in tree.css("address")[:20])
    pieces = _lines(body.text(separator="\n")) if body is not None else ""
    tree.unwrap_tags(_INLINE)
    tree.merge_text_nodes()
    text = _lines(tree.body.text(separator="\n")) if tree.body is not None else ""
    return Document(
        url=url,
        html=html,
        encoding=encoding,
        text=text,
        pieces=pieces,
        is_script_shell=len(text) < 200 and len(html) > 500 and bool(scripts or "<script" in html),
        **document,  # type: ignore[arg-type]
    )


def shallow(html: str) -> str:
    """``html`` up to where its elements are nested deeper than any real page, or where unclosed formatting would be
    repeated too often: what comes after would cost the parser the square of its length, in time or in memory."""
    if html.count("<") <= _MANY_TAGS:
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
    return "\n".join([line for line in map(" ".join, map(str.split, text.split("\n"))) if line])


def _links(tree: LexborHTMLParser) -> Iterator[Link]:
    for node in tree.css("a[href],area[href]"):
        attributes = node.attributes
        text = node.text()
        if not text.strip():
            text = attributes.get("aria-label") or attributes.get("title") or ""
            if not text and (image := node.css_first("img")) is not None:
                text = image.attributes.get("alt") or ""
        yield Link(attributes.get("href") or "", " ".join(text.split())[:200], attributes.get("rel") or "")


def _description(node: Any) -> str:
    attributes = node.attributes
    return " ".join(filter(None, (attributes.get(name) for name in ("class", "id", "alt", "src")))).lower()[:300]


def _data_attributes(tree: LexborHTMLParser, html: str) -> Iterator[tuple[str, str]]:
    """(name, value) of the data- attributes that sites hide addresses in, and ("form", …) for where a form mails to."""
    if "@" in html:
        for node in tree.css('input[type="hidden"][value*="@"]')[:20]:
            yield "form", node.attributes.get("value") or ""
    if "data-" not in html:
        return
    for node in tree.css(
        "[data-cfemail],[data-email],[data-mail],[data-user],[data-name][data-domain],[data-mailto-token],[data-enc-email],"
        "[data-contact],[data-u][data-d]"
    ):
        attributes = {name.lower(): value or "" for name, value in node.attributes.items()}
        for name in ("data-cfemail", "data-email", "data-mail", "data-enc-email", "data-contact"):
            if attributes.get(name):
                yield name, attributes[name]
        if attributes.get("data-mailto-token"):
            yield "data-mailto-token", f"{attributes['data-mailto-token']}\n{attributes.get('data-mailto-vector', '')}"
        user = attributes.get("data-user") or attributes.get("data-name") or attributes.get("data-u")
        domain = attributes.get("data-domain") or attributes.get("data-website") or attributes.get("data-d")
        if user and domain:
            top = attributes.get("data-tld", "").lstrip(".")
            yield "data-user", f"{user}@{domain}{'.' + top if top and not domain.endswith('.' + top) else ''}"


def _microdata(tree: LexborHTMLParser, html: str) -> Iterator[tuple[str, str]]:
    if "itemprop" not in html:
        return
    for node in tree.css("[itemprop]")[:500]:
        attributes = node.attributes
        value = attributes.get("content") or node.text(separator=" ", strip=True)
        if not value or (node.tag in ("a", "link") and attributes.get("itemprop") in ("url", "sameAs")):
            value = attributes.get("href") or value
        yield (attributes.get("itemprop") or "").strip(), " ".join((value or "").split())[:300]


def _reversed_texts(tree: LexborHTMLParser, html: str) -> Iterator[str]:
    if "bidi-override" not in html and "direction:rtl" not in html.replace(" ", "") and "<bdo" not in html:
        return
    for node in tree.css('[style*="bidi-override"],[style*="direction: rtl"],[style*="direction:rtl"],bdo[dir="rtl"]')[
        :50
    ]:
        yield node.text(strip=True)[::-1][:500]


def _refresh(content: str) -> str | None:
    match = _REFRESH.match(content)
    return match[2] if match and int(match[1]) <= 15 else None


def _parsed(text: str) -> Any:
    text = text.strip().removeprefix("<!--").removesuffix("-->").replace("//<![CDATA[", "").replace("//]]>", "")
    text = text.replace("<![CDATA[", "").replace("]]>", "").strip().rstrip(";")
    try:
        return orjson.loads(text.encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        pass
    try:
        # Raw line breaks and tabs inside strings are the most common mistake.
        return orjson.loads(re.sub(r"[\x00-\x1f]+", " ", text).encode("utf-8", "replace"))
    except orjson.JSONDecodeError:
        return None


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
