"""Small businesses' websites, made up from a seed: ten pages of 20 to 80 KB each. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from bench.site import builders

KINDS = ("home", "contact", "imprint", "about", "team", "services", "references", "news", "privacy", "prices")
_SEED = "2026"


@dataclass(frozen=True)
class Site:
    """``pages`` path -> HTML; ``files`` path -> what isn't a page; ``emails`` the addresses that its pages show.
    ``is_portable``: all its links are relative, so it can be served under another name."""

    host: str
    builder: str
    pages: Mapping[str, str]
    files: Mapping[str, str]
    emails: frozenset[str]
    is_portable: bool


@cache
def languages() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text())


def host(number: int) -> str:
    """The name of site ``number``; its language and its builder follow from the number too."""
    language = languages()[_language(number)]
    return f"betrieb-{number:05d}.{language['tld']}"


def site(number: int, scheme: str, port: int) -> Site:
    """``scheme`` and ``port`` under which it is served: many builders write absolute links."""
    dice = Random(f"{_SEED}-{number}")
    language = _language(number)
    words = languages()[language]
    name = host(number)
    builder = builders.BUILDERS[number % len(builders.BUILDERS)]
    origin = f"{scheme}://{name}:{port}"
    paths = [builder.path(slug) for slug in words["slugs"]]
    business = _business(dice, name, language, words)
    everywhere = _sections(dice, words, 7)
    pages = {}
    for kind, label, path in zip(KINDS, words["labels"], paths, strict=True):
        page = builders.Page(
            kind=kind,
            title=label,
            path=path,
            origin=origin,
            menu=tuple(zip(words["labels"], paths, strict=True)),
            sections=_sections(dice, words, builder.sections),
            everywhere=everywhere,
            dice=Random(f"{_SEED}-{number}-{kind}"),
        )
        pages[path] = builder.html(page, business)
    robots = builder.robots + (f"Sitemap: {origin}/sitemap.xml\n" if builder.has_sitemap else "")
    files = {"/robots.txt": robots}
    if builder.has_sitemap:
        entries = "".join(f"<url><loc>{origin}{path}</loc><lastmod>2026-03-04</lastmod></url>" for path in paths)
        files["/sitemap.xml"] = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{_SITEMAPS}">{entries}</urlset>'
    return Site(name, builder.name, pages, files, frozenset(business.emails), builder.is_portable)


_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def _language(number: int) -> str:
    # Not in step with the builders: every builder meets every language.
    known = list(languages())
    return known[(number // len(builders.BUILDERS) + number) % len(known)]


def _business(dice: Random, domain: str, language: str, words: Mapping[str, Any]) -> builders.Business:
    digits = lambda pattern: "".join(str(dice.randint(0, 9)) if c == "#" else c for c in pattern)  # noqa: E731
    phone = digits(words["phone"])
    city, postal = dice.choice(words["cities"]), digits(words["postal"])
    people = dice.sample(words["names"], 4)
    staff = tuple((name, f"{'abcd'[i]}.{_ascii(name, i)}@{domain}") for i, name in enumerate(people))
    return builders.Business(
        name=f"{dice.choice(words['trades'])} {people[0].split()[0]} {words['legal']}",
        domain=domain,
        language=language,
        phone=phone,
        fax=digits(words["phone"]),
        tel=digits(words["tel"]),
        street=f"{dice.choice(words['streets'])} {dice.randint(1, 180)}",
        city=f"{postal} {city}",
        email=f"{dice.choice(('info', 'office', 'mail', 'contact'))}@{domain}",
        staff=staff,
        words=tuple(words["words"]),
    )


def _ascii(name: str, number: int) -> str:
    kept = "".join(c for c in name.split()[-1].lower() if c.isascii() and c.isalpha())
    return kept or f"staff{number}"


def _sections(dice: Random, words: Mapping[str, Any], about: int) -> Sequence[tuple[str, tuple[str, ...]]]:
    """(heading, paragraphs) of a page, ``about`` that many."""
    sentences = words["sentences"]
    found = []
    for _ in range(dice.randint(about - 2, about + 2)):
        paragraphs = tuple(" ".join(dice.sample(sentences, dice.randint(2, 5))) for _ in range(dice.randint(1, 3)))
        found.append((dice.choice(sentences).rstrip(".。")[:60], paragraphs))
    return found


def is_portable(number: int) -> bool:
    return builders.BUILDERS[number % len(builders.BUILDERS)].is_portable
