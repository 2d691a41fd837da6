"""Whose contact it is: pages also name who built them, whom to complain to, and where to call in an emergency. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from orbweave.site.document import Document
from orbweave.site.extract.ownership import is_akin, is_inside, is_mailbox_provider, third_party
from orbweave.site.urls import registrable_domain

_BESIDE = 60
_DOMAIN = re.compile(r"@([\w-]+(?:\.[\w-]+)+)")


def is_others(text: str, start: int, end: int, own_domain: str) -> bool:
    """Does ``text[start:end]`` stand where somebody else's contacts do: behind words such as "site by", or beside an
    e-mail address of another domain? ``own_domain`` "" when the page shows no address of its own domain."""
    if third_party(text, start):
        return True
    if not own_domain:
        return False
    line_end = text.find("\n", end)
    line_end = min(line_end if line_end >= 0 else len(text), end + _BESIDE)
    if "@" not in text[end:line_end]:
        return False
    match = _DOMAIN.search(text, end, line_end)
    if match is None:
        return False
    domain = match[1].lower()
    return not (is_inside(domain, own_domain) or is_mailbox_provider(domain) or is_akin(domain, own_domain))


def shown_domain(document: Document) -> str:
    """The registrable domain of a page that shows an e-mail address there, else ""."""
    domain = registrable_domain(urlsplit(document.url).hostname or "")
    return domain if domain and document.find(f"@{domain}") >= 0 else ""
