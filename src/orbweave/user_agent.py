"""What the crawler calls itself, and whether it says whom a site's owner can write to."""

from __future__ import annotations

_NOBODY = "https://orbweave.example/bot"
DEFAULT_USER_AGENT = f"Orbweave/0.1 (+{_NOBODY})"
HOW_TO_SET = "Set ORBWEAVE_USER_AGENT='Orbweave/0.1 (+https://your.site)', with an address where you can be reached."


def names_contact(user_agent: str) -> bool:
    """Does it hold a URL or an e-mail address, other than the one that stands for nobody?"""
    return _NOBODY not in user_agent and any(mark in user_agent for mark in ("://", "@"))
