"""What steps find when nothing is looked for."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit


def crawled(payload: dict[str, Any]) -> dict[str, Any]:
    """The data (contract 2.2) of a crawl that found one address."""
    url = payload["url"]
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    email = f"info@{host}"
    return {
        "url": url,
        "pages_crawled": 5,
        "crawl_status": "success",
        "emails": [email],
        "phones": [],
        "addresses": [],
        "evidence": [
            {"value": email, "kind": "email", "source_url": f"{url}contact", "method": "mailto", "context": "Contact"}
        ],
        "metadata": {"pages": [{"url": f"{url}{n}", "status": 200, "ms": 20, "outcome": "ok"} for n in range(5)]},
    }


async def unused(*_: object) -> Any:
    raise AssertionError("not part of the bench")
