"""E-mail addresses, also those hidden from collectors in ways a reader (or a browser) undoes without thinking.

Only short windows around what could be an address are searched, so the time grows with the page and its @ signs."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from urllib.parse import parse_qs, unquote

from orbweave.site import urls
from orbweave.site.document import Document, Link
from orbweave.site.extract.email_address import ANY_LOCAL, ROLES, WIDE, Found, at_signs, clean, in_unicode, places
from orbweave.site.extract.email_encoded import cloudflare, from_javascript, in_attribute, in_code, in_states, unseen
from orbweave.site.extract.email_spelled import plain, spaced, written_out
from orbweave.site.extract.javascript import from_base64
from orbweave.site.extract.ownership import is_akin, is_inside, is_mailbox_provider, third_party
from orbweave.site.extract.structured import is_organization
from orbweave.site.facts import MAX_CONTEXT, Fact, around

__all__ = ["ROLES", "clean", "emails"]


MAX_PER_PAGE = 200
# Links whose author left the scheme out, or let an editor put a wrong one.
_MAIL_AS_URL = re.compile(
    r"(?:https?:)?/{0,2}(?:[\w.]{0,60}/?mailto:)?"
    r"([^/?#:@\s]{1,64}@[^/?#:@\s]{3,200})/?(?:\?.*)?",
    re.IGNORECASE | re.DOTALL,
)
_OF_THE_SITE = frozenset("/#?.")
_MAIL_IN_QUERY = re.compile(r"[?&;](?:to|e?-?mail|recipient|mailto|empf|dest)=([\w%@.+=/-]{6,200})", re.IGNORECASE)
_TURNED_LOCAL = re.compile(r"[\w.+-]{2,64}")
_CF_PATH = "/cdn-cgi/l/email-protection#"
_REPLY_METAS = ("reply-to", "email", "og:email", "contact", "business:contact_data:email", "contact:email")
_ABOUT_OTHERS = ("blog", "news", "privacy")
# Not worth a second piece of evidence.
_WEAK = frozenset({"obfuscated", "script", "state", "noscript", "comment", "attribute", "data-attribute", "decoded"})


def emails(document: Document, site: str = "", kind: str | None = None) -> list[Fact]:
    """Facts of kind ``email``, likeliest first, at most MAX_PER_PAGE. ``site`` is the registrable domain being crawled:
    its own addresses are believed where others would look like template text, and next to them strangers' are left
    out. ``detail``: own (in the crawled domain), role (for everybody, not one person), subject, unicode."""
    found: dict[tuple[str, str], Fact] = {}
    strangers: dict[str, int] = {}
    known: set[str] = set()
    owners: set[str] = set()
    akin: set[str] = set()
    for one in _candidates(document, site):
        address = clean(one.raw, site)
        if address is None or (address, one.method) in found or (one.method in _WEAK and address in known):
            continue
        known.add(address)
        local, _, domain = address.rpartition("@")
        own = is_inside(domain, site)
        detail: dict[str, object] = {"own": own, "role": local in ROLES}
        if one.subject:
            detail["subject"] = one.subject
        if "xn--" in domain:
            detail["unicode"] = f"{local}@{in_unicode(domain)}"
        found[address, one.method] = Fact("email", address, one.method, one.context[:MAX_CONTEXT], detail)
        if own or one.sure or not site:
            owners.add(address)
        else:
            if is_akin(domain, site) or is_akin(f"{local}.com", site):
                akin.add(address)
            at = one.at if one.at >= 0 else document.find(one.raw.strip())
            at = at if at >= 0 or len(one.context) < 4 else document.find(one.context)
            strangers[address] = max(at, strangers.get(address, -1))
        if len(found) >= MAX_PER_PAGE:
            break
    refused = _refused(document, strangers, owners, akin, kind)
    return sorted((fact for fact in found.values() if fact.value not in refused), key=_rank)


def _rank(fact: Fact) -> tuple[bool, bool]:
    return not fact.detail["own"], not fact.detail["role"]


def _refused(
    document: Document, strangers: Mapping[str, int], owners: set[str], akin: set[str], kind: str | None
) -> set[str]:
    """Which ``strangers`` (address: its place in the text, or -1) are somebody else's. An address with no mailbox
    provider counts when its domain resembles the site's, or nothing on the page is plainly the owner's; and never where
    the text says whose else it is."""
    refused = set()
    for address in strangers.keys() - owners:
        domain = address.rpartition("@")[2]
        at = strangers[address]
        if at >= 0 and third_party(document.text, at):
            refused.add(address)
        elif address in akin or is_mailbox_provider(domain):
            continue
        elif owners or akin or kind in _ABOUT_OTHERS or _is_linked(document, urls.registrable_domain(domain)):
            refused.add(address)
    return refused


def _is_linked(document: Document, domain: str) -> bool:
    return any(
        domain in link.href and urls.registrable_domain(urls.host_of(link.href)) == domain
        for link in document.links
        if link.href.startswith(("http", "//"))
    )


def _candidates(document: Document, site: str) -> Iterator[Found]:
    yield from _in_links(document.links)
    yield from (Found(value, "microdata", sure=True) for name, value in document.microdata if name == "email")
    for name, value in document.attributes:
        yield from in_attribute(name, value)
    signs = "@" in document.html
    if signs:
        yield from _in_json_ld(document)
    yield from _in_text(document, site)
    language = document.lang[:2]
    yield from written_out(document.text, site, language, lambda words: document.find(words) >= 0)
    if pictured := document.alternative_texts:
        spelled = (*spaced(pictured, site), *written_out(pictured, site, language, pictured.__contains__))
        yield from (one._replace(at=-1) for one in spelled)
    yield from (Found(turned, "reversed", turned) for turned in document.reversed_texts if "@" in turned)
    text = document.text
    if signs and site and document.find(turned_site := f"{site[::-1]}@") >= 0:
        # A style sheet turns it around.
        for at in islice(places(text, turned_site), 20):
            if local := _TURNED_LOCAL.match(text, at + len(turned_site)):
                yield Found(f"{local[0][::-1]}@{site}", "reversed", around(text, at, local.end()), at)
    yield from in_code(document, site)
    yield from in_states(document, site)
    if signs:
        yield from (Found(raw, "meta") for name in _REPLY_METAS if "@" in (raw := document.metas.get(name, "")))
        yield from unseen(document, site)


def _in_links(links: Iterable[Link]) -> Iterator[Found]:
    for href, text, _ in links:
        if href[0] in _OF_THE_SITE and "@" not in href and "=" not in href and "email-protection" not in href:
            continue
        start = href[:14].strip().lower()
        if start.startswith(("mailto", "mail:", "email:", "e-mail:")):
            # Twice encoded happens when one program hands the link to another.
            given, _, query = unquote(unquote(entities.unescape(href.partition(":")[2]))).partition("?")
            asked = {name.lower(): values[0] for name, values in parse_qs(query).items()} if query else {}
            subject = " ".join(asked.get("subject", "").split())[:200]
            others = ",".join(asked.get(name, "") for name in ("to", "cc", "bcc"))
            for address in f"{given.strip().lstrip('/')},{others}".replace(";", ",").split(",")[:20]:
                named = address.rpartition("<")[2].partition(">")[0] or address
                yield Found(plain(named.translate(WIDE)), "mailto", text, subject=subject or None)
            if given.count(",") == 1 and "." not in given.partition("@")[2]:
                yield Found(given.replace(",", "."), "mailto", text)
        elif start.startswith("javascript:"):
            code = from_javascript(unquote(href))
            yield from (Found(raw, method, text) for raw, method in code if method != "rot13")
        elif "email-protection#" in href and _CF_PATH in href:
            yield Found(cloudflare(href.partition("#")[2]), "cfemail", text)
        elif "=" in href and (asked_for := _MAIL_IN_QUERY.search(href)):
            written = unquote(asked_for[1])
            yield Found(written if "@" in written else from_base64(written), "decoded", text)
        elif "@" in href and (wrong := _MAIL_AS_URL.fullmatch(href.strip())):
            yield Found(unquote(wrong[1]), "mailto", text)


def _in_json_ld(document: Document) -> Iterator[Found]:
    for thing in document.json_ld:
        value = thing.get("email")
        for address in value if isinstance(value, list) else [value]:
            if isinstance(address, str) and "@" in address:
                name = thing.get("name")
                context = name if isinstance(name, str) else ""
                raw = address.removeprefix("mailto:")
                yield Found(raw, "json-ld", context, sure=is_organization(thing) or "contactType" in thing)


def _in_text(document: Document, site: str) -> Iterator[Found]:
    # The joined text is right about addresses whose parts are marked up one by one; a text node of its own is right
    # where only CSS sets words apart ("E-mailinfo@…").
    text = document.text
    if "＠" in text or "﹫" in text:
        text = text.translate(WIDE)
    if "@" not in text:
        return
    nodes = document.pieces
    known: set[str] = set()
    in_nodes = [*at_signs(nodes)]
    for raw, _, _ in in_nodes:
        if (address := clean(raw, site)) is not None:
            known.add(address)
    endings = tuple(known)
    for raw, start, end in at_signs(text):
        address = clean(raw, site)
        if address is None:
            continue
        if address not in known and (shorter := [one for one in endings if one in address]):
            raw = max(shorter, key=len)
        yield Found(raw, "text", around(text, start, end), start)
    for raw, start, end in in_nodes:
        if clean(raw, site) in known:
            yield Found(raw, "text", around(nodes, start, end), document.find(raw))
    if not text.isascii():
        for raw, start, end in at_signs(text, ANY_LOCAL):
            if not raw.partition("@")[0].isascii():
                yield Found(raw, "obfuscated", around(text, start, end), start)
    yield from spaced(text, site)
