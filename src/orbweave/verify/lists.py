"""What a name alone tells: disposable, free, role, provider, and what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files

import disposable_email_domains

# Forwarding aliases of one person to one mailbox, which big lists wrongly hold.
_RELAYS = frozenset({"duck.com", "mozmail.com", "privaterelay.appleid.com", "simplelogin.com", "anonaddy.me"})
_TLD_TYPOS = {
    **dict.fromkeys(("con", "cmo", "ocm", "vom", "xom", "cim", "cpm", "comm", "coom", "cm", "om"), "com"),
    **dict.fromkeys(("nte", "met", "ent", "nett"), "net"),
    **dict.fromkeys(("ogr", "orgg", "rog"), "org"),
}
_SIMILAR = 0.85


def is_disposable(domain: str) -> bool:
    """A throw-away mailbox provider, or a subdomain of one."""
    if domain in _RELAYS:
        return False
    labels = domain.split(".")
    return any(".".join(labels[i:]) in disposable_email_domains.blocklist for i in range(len(labels) - 1))


def is_free(domain: str) -> bool:
    return domain in _free()


def is_role(local: str) -> bool:
    """``local`` names a function (info, sales-emea, rezeption2), not a person."""
    name = local.lower().partition("+")[0]
    stem = re.split(r"[._-]", name, maxsplit=1)[0].rstrip("0123456789")
    return name in _roles() or (len(stem) > 2 and stem in _roles())


def provider(servers: Sequence[str]) -> str | None:
    """Who runs the first mail server that is known."""
    for server in servers:
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
    if domain in _popular():
        return None
    # Of three letters every other name is a typo.
    candidates = [known for known in _popular() if len(known.split(".")[0]) > 3]
    return next(iter(difflib.get_close_matches(domain, candidates, n=1, cutoff=_SIMILAR)), None)


def _rows(name: str) -> Iterator[str]:
    for line in (files("orbweave.verify") / "data" / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


@cache
def _free() -> frozenset[str]:
    rows = (row.split(":") for row in _rows("free.txt"))
    return frozenset(f"{name}.{ending}" for name, endings in rows for ending in endings.split())


@cache
def _roles() -> frozenset[str]:
    return frozenset(word for row in _rows("roles.txt") for word in row.split())


@cache
def _providers() -> tuple[tuple[str, str], ...]:
    pairs = ((suffix, row.split()[0]) for row in _rows("providers.txt") for suffix in row.split()[1:])
    # Longest first: .olc.protection.outlook.com is more than .protection.outlook.com.
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _popular() -> tuple[str, ...]:
    return tuple(word for row in _rows("popular.txt") for word in row.split())


@cache
def _typos() -> dict[str, str]:
    return {typo: row.split()[0] for row in _rows("typos.txt") for typo in row.split()[1:]}
