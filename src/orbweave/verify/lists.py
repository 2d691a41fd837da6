"""What a name alone tells by the packaged lists: disposable, free, role, provider, and what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import metadata
from importlib.resources import files

import disposable_email_domains

RELAYS = frozenset({"duck.com", "mozmail.com", "privaterelay.appleid.com", "simplelogin.com", "anonaddy.me"})
"""Forwarding aliases of one person to one mailbox, which big lists wrongly hold."""
_TLD_TYPOS = {
    **dict.fromkeys(("con", "cmo", "ocm", "vom", "xom", "cim", "cpm", "comm", "coom", "cm", "om"), "com"),
    **dict.fromkeys(("nte", "met", "ent", "nett"), "net"),
    **dict.fromkeys(("ogr", "orgg", "rog"), "org"),
}
_SIMILAR = 0.85
_AS_OF = re.compile(r"# As of (\d{4}-\d{2}-\d{2})")


def is_disposable(domain: str, names: Set[str] = disposable_email_domains.blocklist) -> bool:
    """A throw-away mailbox provider of ``names``, or a subdomain of one."""
    return domain not in RELAYS and is_in(domain, names)


def is_in(domain: str, names: Set[str]) -> bool:
    """``domain`` or one that it is below is among ``names``."""
    labels = domain.split(".")
    return any(".".join(labels[i:]) in names for i in range(len(labels) - 1))


def is_free(domain: str) -> bool:
    return domain in _free()


def is_role(local: str) -> bool:
    """``local`` names a function (info, sales-emea, rezeption2), not a person."""
    name = local.lower().partition("+")[0]
    stem = re.split(r"[._-]", name, maxsplit=1)[0].rstrip("0123456789")
    return name in _roles() or (len(stem) > 2 and stem in _roles())


def provider(servers: Sequence[str]) -> str | None:
    """Who runs the first mail server that is known."""
    return next((name for server in servers if (name := _provider(server)) is not None), None)


@lru_cache(4096)
def _provider(server: str) -> str | None:
    for suffix, name in _providers():
        if server == suffix.removeprefix(".") or server.endswith(suffix):
            return name
    return None


def did_you_mean(domain: str, *, takes_mail: bool) -> str | None:
    """The domain that was probably meant. One that takes mail is doubted only when it is a known typo."""
    known = _typos().get(domain)
    if known or takes_mail:
        return known
    similar = _similar(domain)
    if similar:
        return similar
    rest, _, tld = domain.rpartition(".")
    return f"{rest}.{_TLD_TYPOS[tld]}" if tld in _TLD_TYPOS else None


@lru_cache(4096)
def _similar(domain: str) -> str | None:
    if domain in popular() or is_free(domain):
        return None
    # Of three letters every other name is a typo.
    candidates = [known for known in popular() if len(known.split(".")[0]) > 3]
    return next(iter(difflib.get_close_matches(domain, candidates, n=1, cutoff=_SIMILAR)), None)


def provider_names() -> frozenset[str]:
    return frozenset(name for _, name in _providers())


@cache
def popular() -> tuple[str, ...]:
    """Domains that a mistyped one is compared with."""
    return tuple(word for row in rows("popular.txt") for word in row.split())


def rows(name: str) -> Iterator[str]:
    """The lines of a packaged list, without comments."""
    for line in _text(name).splitlines():
        if line and not line.startswith("#"):
            yield line


@dataclass(frozen=True, slots=True)
class Edition:
    """``entries`` of the packaged list ``name``, and how old it is: a date or a version."""

    name: str
    entries: int
    edition: str


def editions() -> list[Edition]:
    """Of every packaged list."""

    def own(name: str, entries: int) -> Edition:
        match = _AS_OF.search(_text(f"{name}.txt"))
        return Edition(name, entries, match[1] if match else "")

    return [
        Edition("disposable", len(disposable_email_domains.blocklist), f"package {disposable_version()}"),
        own("free", len(_free())),
        own("roles", len(_roles())),
        own("providers", len(provider_names())),
    ]


def disposable_version() -> str:
    return metadata.version("disposable-email-domains")


def _text(name: str) -> str:
    return (files("orbweave.verify") / "data" / name).read_text("utf-8")


@cache
def _free() -> frozenset[str]:
    pairs = (row.split(":") for row in rows("free.txt"))
    return frozenset(f"{name}.{ending}" for name, endings in pairs for ending in endings.split())


@cache
def _roles() -> frozenset[str]:
    return frozenset(word for row in rows("roles.txt") for word in row.split())


@cache
def _providers() -> tuple[tuple[str, str], ...]:
    pairs = ((suffix, row.split()[0]) for row in rows("providers.txt") for suffix in row.split()[1:])
    # Longest first: .olc.protection.outlook.com is more than .protection.outlook.com.
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _typos() -> dict[str, str]:
    return {typo: row.split()[0] for row in rows("typos.txt") for typo in row.split()[1:]}
