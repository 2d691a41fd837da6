"""Whether an address has a picture at Gravatar. It tells a third party, so only when asked."""

from __future__ import annotations

import hashlib

import aiohttp

from orbweave.net import NetError

TIMEOUT = aiohttp.ClientTimeout(total=10)


def picture_url(email: str) -> str:
    digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    return f"https://gravatar.com/avatar/{digest}?d=404"


async def has_picture(http: aiohttp.ClientSession, email: str) -> bool | None:
    """None when Gravatar could not say."""
    try:
        async with http.get(picture_url(email), allow_redirects=False, timeout=TIMEOUT) as answer:
            return {200: True, 404: False}.get(answer.status)
    except (aiohttp.ClientError, NetError, TimeoutError):
        return None
