"""Where a site's links lead, each worked out once: menus repeat on every page. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from orbweave.site import urls
from orbweave.site.document import Document, Link

_HREF = re.compile(r'href="([^"]*)"')


class Found(NamedTuple):
    """``in_menu``: it stands in the head or the foot of its page, where sites put what they want to be found."""

    url: str
    text: str
    in_menu: bool


class Links:
    """The links of one site's pages. ``most`` of one page are looked at."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._followed: set[Link | tuple[str, Link]] = set()
        self._found: dict[str, str | None] = {}

    def of(self, document: Document, site: str, *, in_menus: bool = False) -> Iterator[Found]:
        """What leads to another page of ``site`` and was not met before; with ``in_menus`` it is looked up where."""
        in_frame = _in_frame(document.html) if in_menus else frozenset()
        base = base_of(document, site)
        folder = base.partition("?")[0].rpartition("/")[0]
        known = self._followed
        for link in document.links[: self._most]:
            if link in known:
                continue
            href = link.href.strip()
            if not href or href[0] == "#" or "nofollow" in link.rel.lower():
                continue
            # Only what is relative to the folder differs from page to page.
            absolute = href.startswith(("http://", "https://")) or (href[0] == "/" and href[1:2] not in ("/", "\\"))
            if absolute:
                known.add(link)
            elif (folder, link) in known:
                continue
            else:
                known.add((folder, link))
            key = href if absolute else f"{base if href[0] == '?' else folder} {href}"
            if key not in self._found:
                url = urls.join(href, base)
                self._found[key] = url if url is not None and urls.site_of(url) == site else None
            if url := self._found[key]:
                # What is written in another way than it is read counts as content.
                yield Found(url, link.text, href in in_frame)

    def inside(self, hrefs: Iterable[str], document: Document, site: str) -> list[str]:
        """The canonical addresses of those ``hrefs`` that lead to pages of ``site``."""
        base = base_of(document, site)
        found = (urls.join(href, base) for href in hrefs)
        return [url for url in found if url is not None and urls.site_of(url) == site]


def base_of(document: Document, site: str) -> str:
    """What relative links of ``document`` are relative to. A base that leads elsewhere would turn every link into
    somebody else's."""
    if not document.base:
        return document.url
    base = urls.canonical(document.base, document.url)
    return base if base is not None and urls.site_of(base) == site else document.url


def _in_frame(html: str) -> frozenset[str]:
    """The addresses, as written, in a page's head and foot, if its markup says where these end and begin."""
    begins = max(html.find("</header>"), html.find("</nav>"), 0)
    ends = html.rfind("<footer")
    ends = ends if ends >= 0 else len(html)
    return frozenset(_HREF.findall(html, 0, begins) + _HREF.findall(html, ends))
