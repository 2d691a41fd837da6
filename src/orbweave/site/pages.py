"""Pages kept for a while, so that a crawl which begins again doesn't fetch them again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredPage:
    """An answer as it came. ``url`` the one asked for, ``final_url`` the one that answered; ``body`` decompressed;
    ``etag`` and ``last_modified`` as the server wrote them."""

    url: str
    final_url: str
    status: int
    content_type: str
    body: bytes
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None


class PageStore(Protocol):
    async def get(self, url: str) -> StoredPage | None: ...

    async def put(self, page: StoredPage) -> None: ...
