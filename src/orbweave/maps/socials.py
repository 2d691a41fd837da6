"""Profiles on the contract's platforms, out of tags that hold a URL, an account's name or a number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit


class Platform(NamedTuple):
    """``base``: what stands before a bare account in its canonical URL; ``account``: what one looks like."""

    hosts: tuple[str, ...]
    base: str
    account: str = r"[\w.-]{2,100}"


PLATFORMS: Mapping[str, Platform] = {
    "linkedin": Platform(("linkedin.com",), "https://www.linkedin.com/company/"),
    "twitter": Platform(("twitter.com", "x.com"), "https://x.com/", r"\w{1,15}"),
    "facebook": Platform(("facebook.com", "fb.com", "fb.me"), "https://www.facebook.com/"),
    "instagram": Platform(("instagram.com", "instagr.am"), "https://www.instagram.com/", r"[\w.]{1,30}"),
    "youtube": Platform(("youtube.com",), "https://www.youtube.com/@"),
    "github": Platform(("github.com",), "https://github.com/", r"[A-Za-z0-9-]{1,39}"),
    "tiktok": Platform(("tiktok.com",), "https://www.tiktok.com/@"),
    "pinterest": Platform(("pinterest.com",), "https://www.pinterest.com/"),
    "medium": Platform(("medium.com",), "https://medium.com/@"),
    "discord": Platform(("discord.gg", "discord.com"), "https://discord.gg/"),
    "whatsapp": Platform(("wa.me", "whatsapp.com"), "https://wa.me/", r"[1-9]\d{6,14}"),
    "telegram": Platform(("t.me", "telegram.me"), "https://t.me/", r"\+?\w{4,32}"),
    "snapchat": Platform(("snapchat.com",), "https://www.snapchat.com/add/"),
    "reddit": Platform(("reddit.com",), "https://www.reddit.com/r/"),
}
KEYS: Mapping[str, str] = {
    **{f"{prefix}{name}": name for name in PLATFORMS for prefix in ("contact:", "")},
    "contact:x": "twitter",
}
_BY_HOST = {host: name for name, platform in PLATFORMS.items() for host in platform.hosts}
# Under these the account is the next part of the path.
_SECTIONS = {
    "linkedin": ("company", "school", "showcase", "in", "pub"),
    "facebook": ("groups", "p", "pages", "people"),
    "youtube": ("channel", "c", "user"),
    "reddit": ("r", "user", "u"),
    "whatsapp": ("channel", "catalog", "message"),
    "discord": ("servers",),
}
# What only leads to the account.
_PASSED = frozenset({"pg", "invite", "add", "_u", "orgs"})
_NO_PROFILE = frozenset(
    {"sharer", "sharer.php", "share", "p", "reel", "explore", "watch", "search", "hashtag", "intent"}
)
_NUMBER = re.compile(r"[\s()./-]+")


def profile(platform: str, text: str) -> str | None:
    """The canonical URL of what a tag of ``platform`` holds; None when that is no profile there."""
    text = text.strip()
    first = text.partition("/")[0].lower()
    if "://" in text or text.startswith("//") or _platform(first):
        found = profile_of(text)
        return found[1] if found and found[0] == platform else None
    if platform == "whatsapp":
        text = _NUMBER.sub("", text).removeprefix("+").removeprefix("00")
    return _of_path(platform, text.removeprefix("@").split("/"), "")


def profile_of(url: str) -> tuple[str, str] | None:
    """(platform, canonical URL) when ``url`` is a profile on one of them."""
    url = url.strip()
    if not re.match(r"https?://", url, re.IGNORECASE):
        url = "https://" + url.lstrip("/")
    try:
        parts = urlsplit(url)
        platform = _platform(parts.hostname or "")
    except ValueError:
        return None
    if platform is None:
        return None
    if platform == "whatsapp" and (number := parse_qs(parts.query).get("phone")):
        found = _of_path(platform, [re.sub(r"\D", "", number[0])], "")
    else:
        found = _of_path(platform, unquote(parts.path).strip("/ ").split("/"), parts.query)
    return (platform, found) if found else None


def _platform(host: str) -> str | None:
    """m.facebook.com and de-de.facebook.com are facebook.com."""
    return _BY_HOST.get(host) or _BY_HOST.get(".".join(host.split(".")[-2:]))


def _of_path(platform: str, path: list[str], query: str) -> str | None:
    rules = PLATFORMS[platform]
    home = "/".join(rules.base.split("/")[:3])
    section, *rest = [part for part in path if part] or [""]
    if platform == "facebook" and section == "profile.php":
        number = parse_qs(query).get("id", [""])[0]
        return f"{home}/profile.php?id={number}" if number.isascii() and number.isdigit() else None
    if section in _PASSED and rest:
        section, *rest = rest
    if rest and section.lower() in _SECTIONS.get(platform, ()):
        kept = rest[:2] if section in ("pages", "people") else rest[:1]
        return "/".join((home, section, *kept)) if all(map(_is_clean, kept)) else None
    account = section.removeprefix("@")
    if section.lower() in _NO_PROFILE or not re.fullmatch(rules.account, account):
        return None
    return rules.base + account


def _is_clean(part: str) -> bool:
    return not re.search(r"[\s<>\"'?#]", part)
