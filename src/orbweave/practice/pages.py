"""The pages of a practice website. Pure: site and path in, bytes out."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping

from orbweave.practice.behaviours import EmailStyle, PageKind
from orbweave.practice.sites import Business, PracticeSite, RawPage
from orbweave.practice.words import WORDS, Words

INTERNAL_PATH = "/intern/"
#: Where the trap of a site begins whose own pages are proper.
TRAP_PATH = "/trap"

BANNER_OPEN_DATA = (
    "Practice page: made up for Orbweave's demo and tests, on this computer only. Name, address and phone are open "
    "data (© OpenStreetMap contributors, ODbL); everything else, each e-mail address included, is made up."
)
BANNER_MADE_UP = (
    "Practice page: made up for Orbweave's demo and tests, on this computer only. Everything on it is made up."
)


def render(site: PracticeSite, path: str) -> RawPage | None:
    """The page at ``path``, uncompressed, or None for a 404. robots.txt and sitemap.xml are pages too."""
    if path in site.pages:
        return site.pages[path]
    if path == "/robots.txt":
        return robots(site)
    if path == "/sitemap.xml":
        return sitemap(site)
    behaviour = site.web_behaviour
    text = _html(site, path)
    if text is None:
        return None
    declared = {"header": behaviour.charset, "meta": "", "wrong": "utf-8"}[behaviour.declare_charset]
    content_type = f"text/html; charset={declared}" if declared else "text/html"
    return RawPage(text.encode(behaviour.charset, "xmlcharrefreplace"), content_type)


def paths(site: PracticeSite) -> list[str]:
    """Every page that may be crawled."""
    words = WORDS[site.language]
    own = [path for kind, path in words.paths.items() if kind != "team" or site.people]
    return [*own, *(business.path for business in site.businesses if business.path not in own)]


def robots(site: PracticeSite) -> RawPage | None:
    lines = {
        "": None,
        "open": "User-agent: *\nAllow: /\n",
        "disallow": f"User-agent: *\nDisallow: {INTERNAL_PATH}\n",
        "delay": f"User-agent: *\nCrawl-delay: 1\nDisallow: {INTERNAL_PATH}\n",
        "forbidden": "Forbidden\n",
        "error": "Internal error\n",
        "html": f"<!doctype html><html><body><p>{BANNER_MADE_UP}</p></body></html>\n",
    }[site.web_behaviour.robots]
    if lines is None:
        return None
    if site.web_behaviour.sitemap:
        lines += f"Sitemap: https://{site.canonical_host}/sitemap.xml\n"
    kind = "text/html" if site.web_behaviour.robots == "html" else "text/plain"
    status = {"forbidden": 403, "error": 500}.get(site.web_behaviour.robots, 200)
    return RawPage(lines.encode(), f"{kind}; charset=utf-8", status)


def sitemap(site: PracticeSite) -> RawPage | None:
    if not site.web_behaviour.sitemap:
        return None
    entries = "".join(f"<url><loc>https://{site.canonical_host}{html.escape(path)}</loc></url>" for path in paths(site))
    text = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    return RawPage(text.encode(), "application/xml")


def email(address: str, style: EmailStyle, words: Words) -> str:
    """``address`` as HTML in the manner of ``style``; nothing for addresses that only JSON-LD has."""
    return _STYLES[style](address, words)


def _cloudflare(address: str, _: Words) -> str:
    key = 0x42
    code = bytes([key, *(byte ^ key for byte in address.encode())]).hex()
    return (
        f'<a href="/cdn-cgi/l/email-protection#{code}"><span class="__cf_email__" data-cfemail="{code}">'
        "[email&#160;protected]</span></a>"
    )


def _words(address: str, words: Words) -> str:
    return address.replace("@", f" {words.at} ").replace(".", f" {words.dot} ")


_STYLES: Mapping[EmailStyle, Callable[[str, Words], str]] = {
    "mailto": lambda address, _: f'<a href="mailto:{address}">{address}</a>',
    "text": lambda address, _: address,
    "entities": lambda address, _: "".join(f"&#{ord(character)};" for character in address),
    "brackets": lambda address, _: address.replace("@", " [at] ").replace(".", " [dot] "),
    "parentheses": lambda address, _: address.replace("@", "(at)"),
    "words": _words,
    "cloudflare": _cloudflare,
    "json_ld": lambda address, _: "",
}


def _html(site: PracticeSite, path: str) -> str | None:
    words = WORDS[site.language]
    business = next((one for one in site.businesses if one.path == path), None)
    kinds: dict[str, PageKind] = {where: kind for kind, where in words.paths.items()}
    if path == INTERNAL_PATH and site.web_behaviour.robots in ("disallow", "delay"):
        return _page(site, words, words.internal, _mail_lines((f"trap@{site.email_domain}",), "mailto", words))
    kind = "home" if business else kinds.get(path)
    if kind is None or (kind == "team" and not site.people):
        return None
    business = business or (site.businesses[0] if site.businesses else Business(site.host))
    title = business.name if kind == "home" else words.titles[kind]
    return _page(site, words, title, _BODIES[kind](site, business, words) + _addresses(site, kind, words), kind)


def _addresses(site: PracticeSite, kind: PageKind, words: Words) -> str:
    if kind not in site.web_behaviour.email_on:
        return ""
    return _mail_lines((*site.roles, *site.stale), site.web_behaviour.email_style, words)


def _mail_lines(addresses: tuple[str, ...], style: EmailStyle, words: Words) -> str:
    shown = [email(address, style, words) for address in addresses]
    return "".join(f"<p>{words.email}: {text}</p>" for text in shown if text)


def _home(site: PracticeSite, business: Business, words: Words) -> str:
    others = "".join(
        f'<li><a href="{html.escape(one.path)}">{html.escape(one.name)}</a></li>'
        for one in site.businesses
        if one is not business
    )
    parts = [
        f'<p><img src="/static/logo@2x.png" alt=""> {html.escape(business.category)}</p>',
        *(f"<p>{line}</p>" for line in words.copy),
        f"<p>{words.hours}</p>",
        f"<ul>{others}</ul>" if others else "",
        _json_ld(site, business) if site.web_behaviour.json_ld else _where(business, words),
    ]
    return "".join(parts)


def _where(business: Business, words: Words) -> str:
    lines = []
    if business.address:
        lines.append(f"<address>{words.address}: {html.escape(business.address)}</address>")
    if business.phone:
        number = business.phone_e164
        shown = html.escape(business.phone)
        lines.append(f"<p>{words.phone}: " + (f'<a href="tel:{number}">{shown}</a>' if number else shown) + "</p>")
    return "".join(lines)


def _contact(site: PracticeSite, business: Business, words: Words) -> str:
    form = (
        '<form action="#"><label>'
        f'{words.email} <input type="email" placeholder="name@example.com"></label><textarea></textarea></form>'
    )
    return ("" if site.web_behaviour.json_ld else _where(business, words)) + form


def _imprint(site: PracticeSite, business: Business, words: Words) -> str:
    return f"<p>{words.responsible}:</p><p>{html.escape(business.name)}</p>" + _where(business, words)


def _about(site: PracticeSite, business: Business, words: Words) -> str:
    return f"<p>{html.escape(business.name)}: {words.copy[1]}</p><p>{words.copy[0]}</p>"


def _services(site: PracticeSite, business: Business, words: Words) -> str:
    return (
        f"<p>{html.escape(business.category)}</p><p>{words.copy[3]}</p><table><tr><td>1</td><td>12.50</td></tr></table>"
    )


def _team(site: PracticeSite, business: Business, words: Words) -> str:
    style = site.web_behaviour.email_style
    rows = (
        f'<div class="member"><h3>{html.escape(person.name)}</h3><p>{html.escape(person.title)}</p>'
        f"<p>{email(person.email, 'mailto' if style == 'json_ld' else style, words)}</p></div>"
        for person in site.people
    )
    return "".join(rows)


_BODIES: Mapping[PageKind, Callable[[PracticeSite, Business, Words], str]] = {
    "home": _home,
    "contact": _contact,
    "imprint": _imprint,
    "about": _about,
    "services": _services,
    "team": _team,
}


def _json_ld(site: PracticeSite, business: Business) -> str:
    facts = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "name": business.name,
        "address": business.address or None,
        "telephone": business.phone or None,
        "email": site.roles[0],
        "contactPoint": [{"@type": "ContactPoint", "email": address} for address in site.roles[1:]] or None,
        "sameAs": list(site.socials.values()) or None,
    }
    given = {key: value for key, value in facts.items() if value is not None}
    return f'<script type="application/ld+json">{json.dumps(given).replace("<", chr(92) + "u003c")}</script>'


def _page(site: PracticeSite, words: Words, title: str, body: str, kind: PageKind | None = None) -> str:
    behaviour = site.web_behaviour
    meta = f'<meta charset="{behaviour.charset}">' if behaviour.declare_charset == "meta" else ""
    shown = [(where, words.titles[one]) for one, where in words.paths.items() if one != "team" or site.people]
    if behaviour.robots in ("disallow", "delay"):
        shown.append((INTERNAL_PATH, words.internal))
    if behaviour.hostile:
        shown.append((TRAP_PATH, words.hours))
    links = "".join(f'<a href="{where}">{text}</a> ' for where, text in shown)
    profiles = "".join(
        f'<a href="{address}" rel="me">{platform.title()}</a> '
        for platform, address in site.socials.items()
        if not behaviour.json_ld
    )
    banner = BANNER_OPEN_DATA if site.open_data else BANNER_MADE_UP
    return (
        f'<!doctype html>\n<html lang="{site.language}"><head>{meta}<title>{html.escape(title)}</title>'
        '<link rel="stylesheet" href="/static/site.css?v=jquery@3.7.1"></head>\n<body>'
        f'<div role="note" style="background:#fd6;padding:.5em">{banner}</div>\n'
        f"<header><nav>{links}</nav></header>\n<main><h1>{html.escape(title)}</h1>{body}</main>\n"
        f"<footer>{profiles}</footer></body></html>\n"
    )
